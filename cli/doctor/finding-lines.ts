import { styleText } from 'node:util';
import { oneLine } from '../../protocol/clean-text.ts';
import { cut, displayWidth, pad } from '../output/table.ts';

/** As `agent/doctor` finds them. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly says: string;
  readonly cure?: string;
}

const signs = { ok: ['✓', 'green'], warning: ['!', 'yellow'], problem: ['✗', 'red'] } as const;

/** A line for each finding, the cure below it, and how many need something done. */
export function findingLines(findings: readonly Finding[], width: number | undefined): string[] {
  const widest = Math.max(0, ...findings.map(({ what }) => displayWidth(what)));
  const lines = findings.flatMap(({ what, state, says, cure }) => {
    const [sign, colour] = signs[state];
    const start = `${styleText(colour, sign, { stream: process.stdout })} ${pad(oneLine(what), widest)}  `;
    const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(20, width - widest - 4);
    const said = state === 'ok' ? cut(oneLine(says), room) : oneLine(says);
    return cure === undefined
      ? [start + said]
      : [start + said, `${' '.repeat(widest + 4)}→ ${oneLine(cure)}`];
  });
  return [...lines, '', conclusion(findings)];
}

function conclusion(findings: readonly Finding[]): string {
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems > 0) return `${problems} ${problems === 1 ? 'thing keeps' : 'things keep'} tests from running`;
  return warnings > 0
    ? 'ready, but look at what is marked with !; start it with `qgjob agent`'
    : 'ready: start it with `qgjob agent`';
}

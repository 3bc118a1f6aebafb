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
export function findingLines(
  findings: readonly Finding[],
  width: number | undefined,
  words: Words = ofAgents,
): string[] {
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
  return [...lines, '', conclusion(findings, words)];
}

/** How the last line sums up: with problems, with warnings alone, and with neither. */
interface Words {
  readonly problems: (count: number) => string;
  readonly warnings: string;
  readonly fine: string;
}

const ofAgents: Words = {
  problems: (count) => `${count} ${count === 1 ? 'thing keeps' : 'things keep'} tests from running`,
  warnings: 'ready, but look at what is marked with !; start it with `qgjob agent`',
  fine: 'ready: start it with `qgjob agent`',
};

export const ofServers: Words = {
  problems: (count) => `${count} ${count === 1 ? 'thing has' : 'things have'} to be put right`,
  warnings: 'it works, but look at what is marked with !',
  fine: 'all is as it should be',
};

function conclusion(findings: readonly Finding[], words: Words): string {
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems > 0) return words.problems(problems);
  return warnings > 0 ? words.warnings : words.fine;
}

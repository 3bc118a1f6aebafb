import { median, percentile } from '../stats.ts';
import type { SuiteName } from './make-suite.ts';
import type { SuiteRun } from './run-alone.ts';

export interface SuiteRounds {
  readonly name: SuiteName;
  readonly alone: SuiteRun[];
  readonly queued: SuiteRun[];
}

/** The most that the queue may take, as a multiple of the tool alone. */
const targets: Record<SuiteName, number> = { small: 1.25, large: 1, flaky: 1 };

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const ms = (value: number): string => `${Math.round(value)} ms`;
const verdict = (isMet: boolean): string => (isMet ? 'met' : 'MISSED');
const of = (runs: readonly SuiteRun[], pick: (run: SuiteRun) => number): number => median(runs.map(pick));
const all = (runs: readonly SuiteRun[], pick: (run: SuiteRun) => readonly number[]): number[] =>
  runs.flatMap((run) => [...pick(run)]);

/** A table for people: what each suite took, and what a user feels. `peak`: of the agent, in MiB. */
export function formatSuites(results: readonly SuiteRounds[], peak: number): string {
  return `${results.flatMap(formatSuite).join('\n')}\npeak memory of the agent: ${peak} MiB\n`;
}

function formatSuite({ name, alone, queued }: SuiteRounds): string[] {
  const ratio = of(queued, (run) => run.wallMs) / of(alone, (run) => run.wallMs);
  const first = [of(alone, (run) => run.firstTestMs), of(queued, (run) => run.firstTestMs)] as const;
  const gap = [
    percentile(
      all(alone, (run) => run.gaps),
      0.5,
    ),
    percentile(
      all(queued, (run) => run.gaps),
      0.5,
    ),
  ] as const;
  const told = percentile(
    all(queued, (run) => run.toldMs),
    0.95,
  );
  const last = [
    percentile(
      all(alone, (run) => run.lastToldMs),
      0.5,
    ),
    percentile(
      all(queued, (run) => run.lastToldMs),
      0.95,
    ),
  ] as const;
  const wall = `${seconds(of(queued, (run) => run.wallMs))}, alone ${seconds(of(alone, (run) => run.wallMs))}`;
  return [
    `${name}: ${wall}: ${ratio.toFixed(2)} × (target ${targets[name]}: ${verdict(ratio <= targets[name])})`,
    `  submit → first test: ${ms(first[1])}, alone ${ms(first[0])} (target + 1000 ms: ${verdict(first[1] <= first[0] + 1000)})`,
    `  between two tests, p50: ${ms(gap[1])}, alone ${ms(gap[0])} (target + 100 ms: ${verdict(gap[1] <= gap[0] + 100)})`,
    `  last test of a file → client told, p95: ${ms(told)} (target 200 ms: ${verdict(told <= 200)})`,
    `  of the last file of a process, p95: ${ms(last[1])}, alone the tool needs ${ms(last[0])} to end (target + 200 ms: ${verdict(last[1] <= last[0] + 200)})`,
    `  tests run: ${of(queued, (run) => run.tests)}, alone ${of(alone, (run) => run.tests)}; installs ${of(queued, (run) => run.installs ?? Number.NaN)}, serves ${of(queued, (run) => run.serves ?? Number.NaN)}`,
  ];
}

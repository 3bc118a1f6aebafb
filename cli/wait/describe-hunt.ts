import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import { huntWords } from '../../protocol/hunt-words.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { describeFailure } from '../output/failures.ts';
import { stepsAfterHunt } from './next-steps.ts';

/** Names of devices by their ids. */
export type DeviceNames = ReadonlyMap<string, string>;

const failuresShown = 5;

/** What a hunt came to: the share that failed, by device, and what the failures say. */
export function describeHunt(run: Run, jobs: Iterable<Job>, names: DeviceNames): string[] {
  if (!run.hunt) return [];
  const all = [...jobs];
  const failing = all.filter((job) => job.status === 'failed');
  const took =
    run.finished_at === null
      ? ''
      : ` in ${formatDuration(Date.parse(run.finished_at) - Date.parse(run.submitted_at))}`;
  return [
    '',
    `hunt ${run.run_id} of ${oneLine(all[0]?.test_path ?? '?')}${took}`,
    huntWords(run.hunt),
    ...byDevice(all, names),
    ...unseen(run, all),
    ...(failing.length === 0 ? [] : ['', 'it failed so:', ...distinct(failing)]),
    ...stepsAfterHunt(worstDevice(all, names)),
  ];
}

interface Seen {
  readonly name: string;
  readonly failed: number;
  readonly n: number;
}

/** What was seen on each device; the one where it failed most first. */
function seenOn(jobs: readonly Job[], names: DeviceNames): Seen[] {
  const seen = jobs.filter(({ status }) => status === 'passed' || status === 'failed');
  return [...Map.groupBy(seen, (job) => job.device_id ?? '?')]
    .map(([id, own]) => ({
      name: oneLine(names.get(id) ?? id),
      failed: own.filter(({ status }) => status === 'failed').length,
      n: own.length,
    }))
    .sort((a, b) => b.failed / b.n - a.failed / a.n);
}

/** Undefined where the test did not fail. */
function worstDevice(jobs: readonly Job[], names: DeviceNames): string | undefined {
  const [worst] = seenOn(jobs, names);
  return worst && worst.failed > 0 ? worst.name : undefined;
}

/** `  Pixel 8: 3 of 20`, those that failed most first; those without a failure together. */
function byDevice(jobs: readonly Job[], names: DeviceNames): string[] {
  const devices = seenOn(jobs, names);
  if (devices.length < 2) return [];
  const bad = devices.filter(({ failed }) => failed > 0);
  const good = devices.filter(({ failed }) => failed === 0);
  const others = good.reduce((sum, { n }) => sum + n, 0);
  const [only] = good;
  return [
    ...bad.map(({ name, failed, n }) => `  ${name}: ${failed} of ${n}`),
    ...(only && bad.length > 0 ? [`  ${good.length === 1 ? only.name : 'others'}: 0 of ${others}`] : []),
  ];
}

/** Executions that say nothing of the test. */
function unseen({ hunt, reason }: Run, jobs: readonly Job[]): string[] {
  const errored = jobs.filter(({ status }) => status === 'errored');
  const outcomes = [...new Set(errored.map(({ outcome }) => outcome))].join(', ');
  const left = jobs.filter(({ status }) => status === 'cancelled').length;
  return [
    ...(errored.length === 0 ? [] : [`  ${errored.length} had no verdict (${outcomes})`]),
    ...(left === 0
      ? []
      : [
          `  ${left} of ${hunt?.times ?? left} did not run${reason === 'max_failures' ? ': it stopped at a failure' : ''}`,
        ]),
  ];
}

/** Failures with the same words once, the most frequent first, each with the log of one of them. */
function distinct(failing: readonly Job[]): string[] {
  const kinds = [
    ...Map.groupBy(failing, (job) => describeFailure(job, '  ').slice(0, 2).join('\n')).values(),
  ];
  kinds.sort((a, b) => b.length - a.length);
  const shown = kinds.slice(0, failuresShown).flatMap(([first, ...more]) => {
    if (!first) return [];
    const times = more.length === 0 ? '' : `  (${more.length + 1} times)`;
    return [...describeFailure(first, '  '), `    qgjob logs ${first.job_id}${times}`];
  });
  const left = kinds.length - failuresShown;
  return left > 0 ? [...shown, `  and ${left} other kinds of failures`] : shown;
}

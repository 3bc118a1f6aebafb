import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { plural } from '../../protocol/words.ts';
import { knownWords, reasonsOf, resultOf, wordsOfReason } from '../../report/outcome-words.ts';
import { retriedWords, tallyOf, tallyWords } from '../../report/tally.ts';
import { inColour } from '../output/colour.ts';
import { endedParts, totalOf } from '../output/counts.ts';
import { describeFailure, describeFlaky } from '../output/failures.ts';
import { print, printJson } from '../output/print.ts';
import { type DeviceNames, describeHunt } from './describe-hunt.ts';
import { nextSteps } from './next-steps.ts';

/** What a wait prints on stdout. */
export interface Reporter {
  /** A job of the run ended. */
  jobEnded(job: Job, run: Run): void;
  /** A run is final, or the wait for it has timed out. `names`: of the devices, where the run is a hunt. */
  runEnded(run: Run, jobs: Iterable<Job>, names: DeviceNames): void;
  /** A job that was waited for by its own id is final. */
  aloneEnded(job: Job): void;
}

export const textReporter: Reporter = {
  jobEnded(job, run) {
    // The ends of a hunt are as alike as they are many: it tells of its failures at its end.
    const lines = run.hunt ? [verdictLine(job)].filter(() => job.status !== 'passed') : describeEnd(job);
    for (const line of lines) print(line);
  },
  runEnded(run, jobs, names) {
    const lines = run.hunt ? describeHunt(run, jobs, names) : summarize(run, jobs);
    if (run.finished_at !== null) for (const line of lines) print(line);
  },
  aloneEnded(job) {
    for (const line of describeEnd(job)) print(line);
  },
};

/** One object a line: each job as it ends, a run last. */
export const jsonReporter: Reporter = {
  jobEnded: (job) => printJson(job),
  runEnded: (run) => printJson(run),
  aloneEnded: printJson,
};

/** A run that ended: its status, how many jobs and installs, and the jobs to look at. */
export function summarize(run: Run, jobs: Iterable<Job>): string[] {
  const all = [...jobs];
  const failing = all.filter((job) => job.status === 'failed' || job.status === 'errored');
  const flaky = all.filter((job) => job.outcome === 'flaky');
  return [
    '',
    `run ${run.run_id} ${inColour(run.status)}${reasonOf(run, all)}${tookOf(run)}`,
    `${plural(totalOf(run.counts), 'job')}, ${plural(run.installs, 'install')}: ${endedParts(run.counts).join(', ')}`,
    ...section('did not pass:', failing, describeFailing),
    ...section('flaky, passed after a failure:', flaky, (job) => [
      `  ${nameOf(job)}${retriedOf(job)}`,
      ...describeFlaky(job, '    '),
    ]),
    ...nextSteps(run, all),
  ];
}

const section = (title: string, jobs: readonly Job[], describe: (job: Job) => string[]): string[] =>
  jobs.length === 0 ? [] : ['', title, ...jobs.flatMap(describe)];

/** The verdict of a job that ended; of a failure also what its tests said, and the command that shows more. */
export function describeEnd(job: Job): string[] {
  if (job.status !== 'failed') return [verdictLine(job)];
  return [verdictLine(job), ...unlistedOf(job), ...describeFailure(job, '    '), ...logsOf(job)];
}

/** Its messages were printed when it ended. */
const describeFailing = (job: Job): string[] => [
  `  ${nameOf(job)}  ${inColour(job.status, endOf(job))}${retriedOf(job)}`,
  ...(job.status === 'failed' ? [] : describeFailure(job, '    ')),
  ...logsOf(job),
];

/** A job that never started has no log. */
const logsOf = (job: Job): string[] => (job.attempt > 0 ? [`    qgjob logs ${job.job_id}`] : []);

const nameOf = (job: Job): string => `${oneLine(job.test_path)}  ${job.target}`;

/** `  (retried 1 of 5 tests)`, where the last attempt ran only what had failed. */
function retriedOf(job: Job): string {
  const words = retriedWords(job, job);
  return words === undefined ? '' : `  (${words})`;
}

/** `120 of 50000 tests failed, 5000 listed`, where not all are. */
function unlistedOf(job: Job): string[] {
  const tally = tallyOf(job);
  return tally !== undefined && tally.unlisted > 0 ? [`    ${tallyWords(tally)}`] : [];
}

/** `failed`, `failed (known)`, `errored (timeout)`. */
const endOf = (job: Job): string =>
  job.status === 'errored' && job.outcome
    ? `errored (${job.outcome})`
    : [resultOf(job), knownWords(job) && `(${knownWords(job)})`].filter((part) => part !== '').join(' ');

/** For an errored run the reasons of its jobs; for any other its own reason. */
function reasonOf(run: Run, jobs: readonly Job[]): string {
  const words = (run.status === 'errored' && reasonsOf(jobs)) || oneLine(wordsOfReason(run));
  return words === '' ? '' : ` (${words})`;
}

function tookOf({ submitted_at: from, finished_at: to }: Run): string {
  return to === null ? '' : ` in ${formatDuration(Date.parse(to) - Date.parse(from))}`;
}

const wordWidth = 'cancelled'.length;

/** One line for a job that ended. */
export function verdictLine(job: Job): string {
  const word = resultOf(job);
  const took = job.duration_ms === null ? '' : `  ${formatDuration(job.duration_ms)}`;
  const why = job.status === 'errored' ? `  ${job.outcome}: ${oneLine(job.error ?? 'no reason given')}` : '';
  return `${inColour(word, word.padEnd(wordWidth))}  ${nameOf(job)}${took}${why}`;
}

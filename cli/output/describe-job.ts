import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { isFinal } from '../../protocol/states.ts';
import { plural } from '../../protocol/words.ts';
import { quarantineWords, resultOf } from '../../report/outcome-words.ts';
import { retriedWords, type Tested, tallyOf, tallyWords } from '../../report/tally.ts';
import { inColour } from './colour.ts';
import { describeError, describeFailure, describeFlaky, describeTest } from './failures.ts';

/** A job in a few lines. With `attempts`: also each of them and its tests; with `artifacts`: how many they left. */
export function describeJob(
  job: Job,
  attempts?: readonly Attempt[],
  artifacts: readonly Artifact[] = [],
): string[] {
  const lines = formatFields(job.job_id, resultOf(job), fieldsOf(job, attempts, artifacts));
  if (attempts) return [...lines, ...attempts.flatMap((attempt) => describeAttempt(attempt, job))];
  if (job.status === 'failed') return [...lines, ...describeFailure(job, '    ')];
  return job.outcome === 'flaky' ? [...lines, ...describeFlaky(job, '    ')] : lines;
}

const fieldsOf = (
  job: Job,
  attempts: readonly Attempt[] = [],
  artifacts: readonly Artifact[] = [],
): Field[] => [
  ['test', oneLine(job.test_path)],
  ['target', job.target],
  ['org', job.org_id],
  ['app', job.app_version_id],
  ['run', job.run_id],
  ['submitted', formatTimes(job.submitted_at, job.finished_at)],
  ['waits', waitOf(job)],
  ['attempts', attemptsOf(job)],
  ['tests', testsWords(job)],
  ['device', job.device_id ?? undefined],
  ['artifacts', artifactsWords(job, artifacts)],
  [
    'failure',
    job.known_failure === null
      ? undefined
      : `${job.known_failure ? 'known' : 'new'}, compared with ${job.known_run_id}`,
  ],
  ['quarantine', quarantineWords(job) || undefined],
  ['outcome', job.status === 'errored' ? (job.outcome ?? undefined) : undefined],
  ['error', saysMoreElsewhere(job, attempts) ? undefined : oneLine(job.error ?? '')],
];

/** Whether the job's error is shown by its tests or its last attempt. */
const saysMoreElsewhere = (job: Job, attempts: readonly Attempt[]): boolean =>
  (job.status === 'failed' && (job.tests ?? []).length > 0) || attempts.at(-1)?.error === job.error;

/** `3, 1.2 MiB: qgjob artifacts job_1`. */
function artifactsWords({ job_id: id }: Job, artifacts: readonly Artifact[]): string | undefined {
  if (artifacts.length === 0) return undefined;
  const bytes = artifacts.reduce((sum, { size }) => sum + size, 0);
  return `${artifacts.length}, ${formatBytes(bytes)}: qgjob artifacts ${id}`;
}

function testsWords(of: Tested): string | undefined {
  const tally = tallyOf(of);
  return tally && tallyWords(tally);
}

function waitOf({ status, wait_reason: reason, run_at: until }: Job): string | undefined {
  if (status !== 'waiting' || reason === null) return undefined;
  return `${reason}, until ${until?.slice(11, 19)} UTC`;
}

function attemptsOf(job: Job): string | undefined {
  if (job.attempt === 0) return isFinal(job.status) ? 'none' : undefined;
  const lost = [
    job.test_failures > 0 && `${job.test_failures} failed`,
    job.failures > 0 && `${plural(job.failures, 'error')}`,
    job.crashes > 0 && `${job.crashes} lost`,
  ].filter((part) => part !== false);
  const retried = retriedWords(job, job);
  return `${job.attempt}${lost.length > 0 ? ` (${lost.join(', ')})` : ''}${retried ? `, ${retried}` : ''}`;
}

function describeAttempt(attempt: Attempt, job: Job): string[] {
  const how = attempt.error_class ?? attempt.verdict ?? 'running';
  const took = attempt.duration_ms === null ? '' : `  ${formatDuration(attempt.duration_ms)}`;
  const tests = attempt.tests ?? [];
  const words = [retriedWords(attempt, job), testsWords(attempt)].filter((part) => part !== undefined);
  const unlisted = tallyOf(attempt)?.unlisted ?? 0;
  return [
    `  attempt ${attempt.attempt}  ${inColour(how)}${took}  on ${attempt.device_id}${words.length > 0 ? `  ${words.join(': ')}` : ''}`,
    ...describeError(attempt.error ?? '', '    '),
    ...tests.flatMap((test) => {
      const [name = '', ...message] = describeTest(test, '');
      const word = inColour(test.status, test.status.padEnd('skipped'.length));
      return [`    ${word}  ${name}`, ...message.map((line) => `    ${line}`)];
    }),
    ...(unlisted > 0
      ? [`    … and ${plural(unlisted, 'test')} more that ${unlisted === 1 ? 'is' : 'are'} not listed`]
      : []),
  ];
}

/** A name and its value; undefined is left out. */
export type Field = readonly [name: string, value: string | undefined];

const nameWidth = 10;

/** A line with the id and the status word, then the fields, aligned. */
export function formatFields(id: string, word: string, fields: readonly Field[]): string[] {
  const lines = fields.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`  ${name.padEnd(nameWidth)}${value}`],
  );
  return [`${id}  ${inColour(word)}`, ...lines];
}

/** `2026-11-24 10:15:03 UTC, done in 2.2 s`. */
export function formatTimes(from: string, to: string | null): string {
  const at = `${from.slice(0, 19).replace('T', ' ')} UTC`;
  return to === null ? at : `${at}, done in ${formatDuration(Date.parse(to) - Date.parse(from))}`;
}

import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Observation } from './clients.ts';
import type { Evidence } from './evidence.ts';
import { firstWords, type JournalLine, lastWords } from './suite.ts';

/** The queue agrees with what the tests themselves wrote to the journal. */
export function checkJournal(evidence: Evidence): string[] {
  const lines = Map.groupBy(evidence.journal, (line) => line.jobId);
  const known = new Set(evidence.jobs.map((job) => job.job_id));
  return [
    ...[...lines.keys()]
      .filter((id) => !known.has(id))
      .map((id) => `job ${id} ran, and the queue does not know it`),
    ...evidence.jobs.flatMap((job) => {
      const own = lines.get(job.job_id) ?? [];
      const attempts = evidence.attempts[job.job_id] ?? [];
      return [
        ...checkStarts(job, own),
        ...attempts.flatMap((attempt) => checkEnd(job, attempt, own, evidence)),
        ...checkCancelled(job, own, attempts, evidence),
      ];
    }),
  ];
}

/** An attempt runs once, and nothing runs that is not an attempt. */
function checkStarts(job: Job, lines: readonly JournalLine[]): string[] {
  const starts = lines.filter(({ what }) => what === 'begin').map(({ attempt }) => attempt);
  return [
    ...(new Set(starts).size === starts.length ? [] : [`job ${job.job_id} ran twice in one attempt`]),
    ...starts
      .filter((attempt) => attempt > job.attempt)
      .map((attempt) => `job ${job.job_id} ran as attempt ${attempt}, which the queue does not have`),
  ];
}

/** A verdict is right: the test itself wrote the same end to the journal, and the log has its first and last line. */
function checkEnd(
  job: Job,
  { attempt, verdict, error_class }: Attempt,
  lines: readonly JournalLine[],
  { logs }: Evidence,
): string[] {
  const name = `job ${job.job_id} attempt ${attempt}`;
  const isOwn = verdict === 'passed' || verdict === 'failed' || error_class === 'infra_error';
  if (!isOwn) return [];
  const code = lines.find((line) => line.what === 'end' && line.attempt === attempt)?.code;
  const meant =
    code === 0 ? 'passed' : code === 75 ? 'infra_error' : code === undefined ? 'nothing' : 'failed';
  const said = error_class ?? verdict;
  const log = logs[`${job.job_id} ${attempt}`];
  const text = log && 'text' in log ? log.text : '';
  return [
    ...(meant === said ? [] : [`${name} has the verdict ${said}, its test ended as ${meant}`]),
    ...[firstWords, lastWords]
      .map((words) => words(job.job_id, attempt))
      .filter((words) => text.split('\n').filter((line) => line === words).length !== 1)
      .map((words) => `the log of ${name} does not have the line "${words}" exactly once`),
  ];
}

/**
 * A test does not start after its job was seen cancelled. The exception is a lost attempt: an agent that the system
 * stopped between the permission to start and the start does not know of the cancel, and its writes are fenced.
 */
function checkCancelled(
  job: Job,
  lines: readonly JournalLine[],
  attempts: readonly Attempt[],
  { observations }: Evidence,
): string[] {
  return findLate(job, lines, observations[job.job_id] ?? [])
    .filter((late) => !isLost(attempts, late.attempt))
    .map((late) => `job ${job.job_id} started attempt ${late.attempt} after it was cancelled`);
}

/** Starts after the job was seen cancelled. */
function findLate(
  job: Job,
  lines: readonly JournalLine[],
  observations: readonly Observation[],
): JournalLine[] {
  if (job.status !== 'cancelled') return [];
  const seen = observations.filter((one) => one.job.status === 'cancelled').map((one) => one.at);
  return lines.filter(({ what, at }) => what === 'begin' && at > Math.min(...seen));
}

/** How many tests started after their job was seen cancelled; their writes are fenced. */
export function countLate({ jobs, journal, observations }: Evidence): number {
  const lines = Map.groupBy(journal, (line) => line.jobId);
  return jobs.flatMap((job) => findLate(job, lines.get(job.job_id) ?? [], observations[job.job_id] ?? []))
    .length;
}

const isLost = (attempts: readonly Attempt[], number: number): boolean =>
  attempts.some(({ attempt, error_class }) => attempt === number && error_class === 'lost');

import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Evidence } from './evidence.ts';
import type { Observation } from './sightings.ts';
import { firstWords, type JournalLine, lastWords } from './suite.ts';

/** What the queue says is what the tests themselves wrote down. */
export function checkJournal(evidence: Evidence): string[] {
  const lines = Map.groupBy(evidence.journal, (line) => line.jobId);
  const known = new Set(evidence.jobs.map((job) => job.job_id));
  return [
    ...[...lines.keys()].filter((id) => !known.has(id)).map((id) => `job ${id} ran, and nobody knows it`),
    ...evidence.jobs.flatMap((job) => {
      const own = lines.get(job.job_id) ?? [];
      const attempts = evidence.attempts[job.job_id] ?? [];
      return [
        ...checkBeginnings(job, own),
        ...attempts.flatMap((attempt) => checkEnd(job, attempt, own, evidence)),
        ...checkCancelled(job, own, attempts, evidence),
      ];
    }),
  ];
}

/** An attempt runs once, and nothing runs that is no attempt. */
function checkBeginnings(job: Job, lines: readonly JournalLine[]): string[] {
  const beginnings = lines.filter(({ what }) => what === 'begin').map(({ attempt }) => attempt);
  return [
    ...(new Set(beginnings).size === beginnings.length ? [] : [`job ${job.job_id} ran twice in one attempt`]),
    ...beginnings
      .filter((attempt) => attempt > job.attempt)
      .map((attempt) => `job ${job.job_id} ran as attempt ${attempt}, which it never had`),
  ];
}

/** A verdict was earned: the test itself says that it ended so, and its log has its words. */
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
    ...(meant === said ? [] : [`${name} was judged ${said}, its test said ${meant}`]),
    ...[firstWords, lastWords]
      .map((words) => words(job.job_id, attempt))
      .filter((words) => text.split('\n').filter((line) => line === words).length !== 1)
      .map((words) => `the log of ${name} has not once "${words}"`),
  ];
}

/**
 * What was seen as cancelled began no more. But for an attempt that was lost: an agent that the system stopped when it had
 * leave to begin cannot know, and what it does is fenced.
 */
function checkCancelled(
  job: Job,
  lines: readonly JournalLine[],
  attempts: readonly Attempt[],
  { observations }: Evidence,
): string[] {
  return findLate(job, lines, observations[job.job_id] ?? [])
    .filter((late) => !isLost(attempts, late.attempt))
    .map((late) => `job ${job.job_id} began attempt ${late.attempt} after it was cancelled`);
}

/** Beginnings after the job was seen as cancelled. */
function findLate(job: Job, lines: readonly JournalLine[], sightings: readonly Observation[]): JournalLine[] {
  if (job.status !== 'cancelled') return [];
  const seen = sightings.filter((one) => one.job.status === 'cancelled').map((one) => one.at);
  return lines.filter(({ what, at }) => what === 'begin' && at > Math.min(...seen));
}

/** How many tests began after their job was seen as cancelled, all of them fenced where nothing is wrong. */
export function countLate({ jobs, journal, observations }: Evidence): number {
  const lines = Map.groupBy(journal, (line) => line.jobId);
  return jobs.flatMap((job) => findLate(job, lines.get(job.job_id) ?? [], observations[job.job_id] ?? []))
    .length;
}

const isLost = (attempts: readonly Attempt[], number: number): boolean =>
  attempts.some(({ attempt, error_class }) => attempt === number && error_class === 'lost');

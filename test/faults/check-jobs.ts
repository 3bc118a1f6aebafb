import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal, type JobStatus } from '../../protocol/states.ts';
import type { Observation } from './clients.ts';
import type { Evidence } from './evidence.ts';

/** Jobs agree with their attempts and their runs, and final jobs did not change. */
export function checkJobs(evidence: Evidence): string[] {
  const { jobs, runs, attempts, observations } = evidence;
  return [
    ...jobs.flatMap((job) => [
      ...checkAttempts(job, attempts[job.job_id] ?? []),
      ...checkVerdict(job, attempts[job.job_id] ?? []),
      ...checkBudgets(job, attempts[job.job_id] ?? []),
      ...checkObservations(job, observations[job.job_id] ?? []),
      ...checkLogs(job, evidence),
    ]),
    ...evidence.cancels.flatMap((job) => checkCancel(job, jobs)),
    ...runs.flatMap((run) => checkCounts(run, jobs)),
  ];
}

/** Attempts are 1, 2, 3 without gaps, each with a verdict, none with a negative duration. */
function checkAttempts(job: Job, attempts: readonly Attempt[]): string[] {
  const name = `job ${job.job_id}`;
  const wrong: string[] = [];
  const numbers = attempts.map(({ attempt }) => attempt).join(' ');
  const wanted = Array.from({ length: job.attempt }, (_, n) => n + 1).join(' ');
  if (numbers !== wanted) wrong.push(`${name} has attempts "${numbers}", not "${wanted}"`);
  for (const { attempt, verdict, started_at, finished_at, duration_ms } of attempts) {
    if (verdict === null || finished_at === null) wrong.push(`${name} attempt ${attempt} has no verdict`);
    else if (finished_at < started_at) wrong.push(`${name} attempt ${attempt} ended before it started`);
    if ((duration_ms ?? 0) < 0) wrong.push(`${name} attempt ${attempt} has a negative duration`);
  }
  if (job.finished_at !== null && job.started_at !== null && job.finished_at < job.started_at)
    wrong.push(`${name} ended before it started`);
  return wrong;
}

/** The outcome of a job is the verdict of its last attempt. */
function checkVerdict(job: Job, attempts: readonly Attempt[]): string[] {
  const last = attempts.at(-1);
  const said = last ? (last.error_class ?? last.verdict) : 'nothing';
  const failedBefore = attempts.slice(0, -1).some(({ verdict }) => verdict === 'failed');
  const fits: Partial<Record<JobStatus, boolean>> = {
    passed: said === 'passed' && job.outcome === (failedBefore ? 'flaky' : 'passed'),
    failed: said === 'failed' && job.outcome === 'failed',
    errored: job.outcome === (said === 'lost' ? 'poison' : said),
    cancelled: job.outcome === 'cancelled' && said !== 'passed',
  };
  return isFinal(job.status) && !fits[job.status]
    ? [`job ${job.job_id} is ${job.status} (${job.outcome}), but its last attempt said ${said}`]
    : [];
}

/** Each attempt is counted once, in the right counter. */
function checkBudgets(job: Job, attempts: readonly Attempt[]): string[] {
  const count = (...words: string[]): number =>
    attempts.filter(({ verdict, error_class }) => words.includes(error_class ?? verdict ?? '')).length;
  const wanted = {
    failures: count('infra_error', 'timeout'),
    test_failures: count('failed'),
    crashes: count('lost'),
    releases: count('interrupted'),
  };
  // The last attempt of a cancelled job may be in no counter.
  const uncounted = job.status === 'cancelled' ? 1 : 0;
  return Object.entries(wanted)
    .filter(([name, n]) => {
      const spent = job[name as keyof typeof wanted];
      return spent > n || spent < n - uncounted;
    })
    .map(
      ([name, n]) =>
        `job ${job.job_id} has ${name} ${job[name as keyof typeof wanted]}, its attempts say ${n}`,
    );
}

/** A final job never changes. The rev tells which state is newer, since answers may overtake each other. */
function checkObservations(job: Job, observations: readonly Observation[]): string[] {
  const finals = observations.filter((one) => isFinal(one.job.status)).map((one) => one.job);
  const last = { ...job, tests: null, report: null, provider: null };
  const changed = finals.filter((final) => JSON.stringify(final) !== JSON.stringify(last));
  const later = observations.filter(
    (one) => !isFinal(one.job.status) && finals.some((final) => final.rev <= one.job.rev),
  );
  return [
    ...changed.map((final) => `job ${job.job_id} was final as ${final.status}, and changed to ${job.status}`),
    ...later.map((one) => `job ${job.job_id} was final, and then ${one.job.status} again`),
  ];
}

/** After an answered cancel the job had no new attempt. */
function checkCancel(answered: Job, jobs: readonly Job[]): string[] {
  const job = jobs.find((one) => one.job_id === answered.job_id);
  if (!job) return [`job ${answered.job_id} was cancelled and is gone`];
  const name = `job ${job.job_id}`;
  if (isFinal(answered.status)) {
    const isSame = job.status === answered.status && job.attempt === answered.attempt;
    return isSame ? [] : [`${name} was ${answered.status} when it was cancelled, and is ${job.status}`];
  }
  const isAllowed = ['cancelled', 'passed', 'failed'].includes(job.status);
  return [
    ...(isAllowed ? [] : [`${name} was cancelled while it ran, and is ${job.status}`]),
    ...(job.attempt === answered.attempt ? [] : [`${name} ran again after it was cancelled`]),
  ];
}

/** The counts of a run are the sums of its jobs, and its status follows from them. */
function checkCounts(run: Run, jobs: readonly Job[]): string[] {
  const own = jobs.filter((job) => job.run_id === run.run_id);
  const sums = Object.fromEntries(
    Object.keys(run.counts).map((word) => [
      word,
      own.filter((job) => (word === 'flaky' ? job.outcome === 'flaky' : job.status === word)).length,
    ]),
  );
  const worst = (['failed', 'errored', 'cancelled', 'passed'] as const).find(
    (status) => (sums[status] ?? 0) > 0,
  );
  return [
    ...(JSON.stringify(sums) === JSON.stringify(run.counts) ? [] : [`run ${run.run_id} counts wrongly`]),
    ...(run.status === worst ? [] : [`run ${run.run_id} is ${run.status}, its jobs say ${worst}`]),
  ];
}

/** Every log can be read. The log of an attempt with a verdict from its agent starts with the header line. */
function checkLogs(job: Job, { attempts, logs }: Evidence): string[] {
  return (attempts[job.job_id] ?? []).flatMap(({ attempt, error_class }) => {
    const log = logs[`${job.job_id} ${attempt}`];
    const name = `the log of job ${job.job_id} attempt ${attempt}`;
    if (!log) return [`${name} was not read`];
    if ('refused' in log) return [`${name} cannot be read: ${log.refused}`];
    const isWhole = log.text.startsWith(`[qgjob] ${job.test_path}, attempt ${attempt}, `);
    return isWhole || error_class === 'lost' ? [] : [`${name} has no header: ${log.text.slice(0, 80)}`];
  });
}

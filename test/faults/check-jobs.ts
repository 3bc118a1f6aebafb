import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal, type JobStatus } from '../../protocol/states.ts';
import type { Evidence } from './evidence.ts';
import type { Observation } from './sightings.ts';

/** Jobs, their attempts and their runs say the same, and what was final stayed so. */
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

/** 1, 2, 3 without gaps, each with one verdict, none that takes less than no time. */
function checkAttempts(job: Job, attempts: readonly Attempt[]): string[] {
  const name = `job ${job.job_id}`;
  const wrong: string[] = [];
  const numbers = attempts.map(({ attempt }) => attempt).join(' ');
  const wanted = Array.from({ length: job.attempt }, (_, n) => n + 1).join(' ');
  if (numbers !== wanted) wrong.push(`${name} has attempts "${numbers}", not "${wanted}"`);
  for (const { attempt, verdict, started_at, finished_at, duration_ms } of attempts) {
    if (verdict === null || finished_at === null) wrong.push(`${name} attempt ${attempt} has no verdict`);
    else if (finished_at < started_at) wrong.push(`${name} attempt ${attempt} ended before it began`);
    if ((duration_ms ?? 0) < 0) wrong.push(`${name} attempt ${attempt} took less than no time`);
  }
  if (job.finished_at !== null && job.started_at !== null && job.finished_at < job.started_at)
    wrong.push(`${name} ended before it began`);
  return wrong;
}

/** The verdict is that of the last attempt. */
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

/** Each attempt was counted once, where it belongs. */
function checkBudgets(job: Job, attempts: readonly Attempt[]): string[] {
  const count = (...words: string[]): number =>
    attempts.filter(({ verdict, error_class }) => words.includes(error_class ?? verdict ?? '')).length;
  const wanted = {
    failures: count('infra_error', 'timeout'),
    test_failures: count('failed'),
    crashes: count('lost'),
    releases: count('interrupted'),
  };
  // The attempt at which a cancel won was spent on nothing.
  const spare = job.status === 'cancelled' ? 1 : 0;
  return Object.entries(wanted)
    .filter(([name, n]) => {
      const spent = job[name as keyof typeof wanted];
      return spent > n || spent < n - spare;
    })
    .map(
      ([name, n]) =>
        `job ${job.job_id} has ${name} ${job[name as keyof typeof wanted]}, its attempts say ${n}`,
    );
}

/** Once final, always the same. Revs say what came later, for answers may overtake each other. */
function checkObservations(job: Job, sightings: readonly Observation[]): string[] {
  const finals = sightings.filter((one) => isFinal(one.job.status)).map((one) => one.job);
  const last = { ...job, tests: null, report: null, provider: null };
  const changed = finals.filter((final) => JSON.stringify(final) !== JSON.stringify(last));
  const later = sightings.filter(
    (one) => !isFinal(one.job.status) && finals.some((final) => final.rev <= one.job.rev),
  );
  return [
    ...changed.map((final) => `job ${job.job_id} was final as ${final.status}, and changed to ${job.status}`),
    ...later.map((one) => `job ${job.job_id} was final, and then ${one.job.status} again`),
  ];
}

/** A cancel that was answered has come true: what did not run then never ran again. */
function checkCancel(answered: Job, jobs: readonly Job[]): string[] {
  const job = jobs.find((one) => one.job_id === answered.job_id);
  if (!job) return [`job ${answered.job_id} was cancelled and is gone`];
  const name = `job ${job.job_id}`;
  if (isFinal(answered.status)) {
    const isSame = job.status === answered.status && job.attempt === answered.attempt;
    return isSame ? [] : [`${name} was ${answered.status} when it was cancelled, and is ${job.status}`];
  }
  const isHonest = ['cancelled', 'passed', 'failed'].includes(job.status);
  return [
    ...(isHonest ? [] : [`${name} was cancelled while it ran, and is ${job.status}`]),
    ...(job.attempt === answered.attempt ? [] : [`${name} ran again after it was cancelled`]),
  ];
}

/** A run is the sum of its jobs. */
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

/** Every log can be read; that of an attempt which its agent judged begins with what it is. */
function checkLogs(job: Job, { attempts, logs }: Evidence): string[] {
  return (attempts[job.job_id] ?? []).flatMap(({ attempt, error_class }) => {
    const log = logs[`${job.job_id} ${attempt}`];
    const name = `the log of job ${job.job_id} attempt ${attempt}`;
    if (!log) return [`${name} was not asked for`];
    if ('refused' in log) return [`${name} cannot be read: ${log.refused}`];
    const isWhole = log.text.startsWith(`[qgjob] ${job.test_path}, attempt ${attempt}, `);
    return isWhole || error_class === 'lost' ? [] : [`${name} has no beginning: ${log.text.slice(0, 80)}`];
  });
}

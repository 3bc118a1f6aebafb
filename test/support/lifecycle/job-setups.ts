import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { finishAttempt } from '../../../server/queue/attempts/finish-attempt.ts';
import { startAttempt } from '../../../server/queue/attempts/start-attempt.ts';
import { reportInstalled } from '../../../server/queue/leases/report-installed.ts';
import { cancelJob } from '../../../server/queue/runs/cancel-runs.ts';
import { anyOrg, everyone, type TestQueue } from '../queue.ts';

/** Prepares a queue; the returned function causes one transition of the page's table. */
export type TransitionCase = (queue: TestQueue) => Promise<() => Promise<unknown>>;

type Body = Partial<SubmitRun>;
type Report = Pick<FinishJob, 'verdict'> & Partial<FinishJob>;

export const passed: Report = { verdict: 'passed', tests: [{ name: 't', status: 'passed', duration_ms: 1 }] };
export const failed: Report = { verdict: 'failed' };
export const cancelled: Report = { verdict: 'cancelled' };
export const error = (errorClass: NonNullable<FinishJob['error_class']>): Report => ({
  verdict: 'error',
  error_class: errorClass,
});

export const minute = 60_000;
export const shortQueueTimeout = { queue_timeout_ms: 10 * minute };
export const noRetries = { max_retries: 0, retry_failed_tests: 0 };

/** A job in a lease, not started, with the calls of its agent. */
export async function scheduled(queue: TestQueue, body: Body = {}) {
  const agent = await queue.agent('rack', ['emulator']);
  const { run } = await queue.submit(body);
  const lease = await agent.mustTake();
  const [job] = lease.jobs;
  const ref = { leaseId: lease.lease_id, jobId: job?.job_id ?? '', attempt: job?.next_attempt ?? 1 };
  return {
    ...{ agent, run, lease, ref },
    start: () => startAttempt(queue.deps, everyone, ref),
    finish: (report: Report) =>
      finishAttempt(queue.deps, everyone, ref, { attempt: ref.attempt, duration_ms: 1, ...report }),
    installed: (errorClass: 'install_failed' | 'build_error' | 'capacity' | 'infra_error') =>
      reportInstalled(queue.deps, everyone, ref.leaseId, {
        ...{ ok: false, duration_ms: 1, installs: 1, error_class: errorClass },
      }),
    cancel: () => cancelJob(queue.deps, ref.jobId, anyOrg),
  };
}

export async function running(queue: TestQueue, body?: Body) {
  const started = await scheduled(queue, body);
  await started.start();
  return started;
}

export async function flagged(queue: TestQueue, body?: Body) {
  const started = await running(queue, body);
  await started.cancel();
  return started;
}

/** This verdict of a running job, and of a job whose start call was lost. */
export const verdict = (report: Report, body?: Body): TransitionCase[] => [
  async (queue) => {
    const started = await running(queue, body);
    return () => started.finish(report);
  },
  async (queue) => {
    const started = await scheduled(queue, body);
    return () => started.finish(report);
  },
];

export const verdictOfFlagged =
  (report: Report, body?: Body): TransitionCase =>
  async (queue) => {
    const started = await flagged(queue, body);
    return () => started.finish(report);
  };

/** A transition by a background loop: the loop runs after `prepare` and this time. */
export const afterTime =
  (
    prepare: (queue: TestQueue) => Promise<unknown>,
    ms: number,
    loop: (deps: TestQueue['deps']) => unknown,
  ): TransitionCase =>
  async (queue) => {
    await prepare(queue);
    queue.advance(ms);
    return async () => loop(queue.deps);
  };

export const restartAgent = (queue: TestQueue) => queue.agent('rack', ['emulator'], { boot: 'another-boot' });

/** Sets a counter of the job, as if the errors had happened before. */
export const setCounter = (
  queue: TestQueue,
  column: 'crashes' | 'report_errors' | 'test_failures',
  count: number,
) => queue.deps.sql.write([{ sql: `UPDATE jobs SET ${column} = ?`, args: [count] }]);

export const waiting = (queue: TestQueue) => queue.submit({ ...shortQueueTimeout, delay_ms: minute });

const github = {
  ...{ repository: 'acme/app', repository_id: '77', pr_number: 12, ref: 'refs/pull/12/merge' },
  ...{ event_name: 'pull_request', workflow: 'tests', job: 'e2e', check_name: 'qgjob', run_attempt: 1 },
};
export const ofCommit = (runId: string, letter: string): Body => ({
  supersede: true,
  github: { ...github, run_id: runId, sha: letter.repeat(40) },
});
export const submitNewer = (queue: TestQueue) => queue.submit({ ...ofCommit('101', 'b'), target: 'device' });

/** One job of a group in each state before its start: waiting, scheduled on a device that has not installed, queued. */
export async function oneOfEach(queue: TestQueue) {
  await waiting(queue);
  const started = await scheduled(queue);
  await queue.submit({ tests: ['later'] });
  return started;
}

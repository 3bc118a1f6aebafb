import { expireQueued, queueDue } from '../../../server/queue/dispatch/tick.ts';
import { releaseLease } from '../../../server/queue/leases/release-lease.ts';
import { rescueExpired, rescueOverdue } from '../../../server/queue/leases/rescue-leases.ts';
import { cancelJob, cancelRun } from '../../../server/queue/runs/cancel-runs.ts';
import { anyOrg, everyone } from '../queue.ts';
import {
  afterTime,
  cancelled,
  error,
  failed,
  flagged,
  minute,
  noRetries,
  ofCommit,
  oneOfEach,
  passed,
  restartAgent,
  running,
  scheduled,
  setCounter,
  shortQueueTimeout,
  submitNewer,
  type TransitionCase,
  verdict,
  verdictOfFlagged,
  waiting,
} from './job-setups.ts';

/** By the number of the row: all ways to cause its transition. */
export const transitionCases: Readonly<Record<string, readonly TransitionCase[]>> = {
  1: [async (queue) => () => queue.submit({}), async (queue) => () => waiting(queue)],
  2: [afterTime(waiting, minute, queueDue)],
  3: [
    async (queue) => {
      const agent = await queue.agent('rack', ['emulator']);
      await queue.submit({});
      return () => agent.mustTake();
    },
  ],
  4: [async (queue) => (await scheduled(queue)).start],
  5: [
    ...verdict(passed),
    async (queue) => {
      const job = await running(queue);
      await setCounter(queue, 'test_failures', 1);
      return () => job.finish(passed);
    },
  ],
  6: verdict(failed, noRetries),
  7: verdict(failed),
  8: [...verdict(error('infra_error')), ...verdict(error('timeout'))],
  '8a': [...verdict(error('report_error')), ...verdict({ ...passed, tests: [] })],
  9: [
    ...verdict(error('report_error'), noRetries),
    async (queue) => {
      const job = await running(queue);
      await setCounter(queue, 'report_errors', 1);
      return () => job.finish(error('report_error'));
    },
    ...verdict(error('infra_error'), noRetries),
    ...verdict(error('timeout'), noRetries),
    ...verdict(error('build_error')),
    ...verdict(error('rejected')),
  ],
  10: [
    ...verdict(error('install_failed')),
    ...verdict(error('capacity')),
    ...(['install_failed', 'capacity', 'infra_error'] as const).map(
      (errorClass): TransitionCase =>
        async (queue) => {
          const job = await scheduled(queue);
          return () => job.installed(errorClass);
        },
    ),
  ],
  11: [
    afterTime(running, minute + 1, rescueExpired),
    async (queue) => {
      await running(queue);
      return () => restartAgent(queue);
    },
  ],
  12: [
    async (queue) => {
      await running(queue);
      await setCounter(queue, 'crashes', 2);
      return () => restartAgent(queue);
    },
  ],
  13: [
    afterTime(scheduled, minute + 1, rescueExpired),
    async (queue) => {
      await scheduled(queue);
      return () => restartAgent(queue);
    },
    async (queue) => {
      const job = await scheduled(queue);
      return () => releaseLease(queue.deps, everyone, job.ref.leaseId);
    },
  ],
  14: [error('interrupted'), cancelled].map(
    (report): TransitionCase =>
      async (queue) => {
        const job = await running(queue);
        return () => job.finish(report);
      },
  ),
  15: [
    async (queue) => {
      const { run } = await waiting(queue);
      return () => cancelRun(queue.deps, run.run_id, anyOrg);
    },
    async (queue) => {
      const { jobs } = await queue.submit({});
      return () => cancelJob(queue.deps, jobs[0]?.job_id ?? '', anyOrg);
    },
    async (queue) => (await scheduled(queue)).cancel,
    async (queue) => {
      await queue.submit(ofCommit('100', 'a'));
      return () => submitNewer(queue);
    },
    async (queue) => {
      // One has failed, and the limit is lowered to that: the next change of the run ends all of it.
      const first = await running(queue, { ...noRetries, tests: ['a', 'b', 'c'], max_failures: 2 });
      await first.finish(failed);
      await queue.deps.sql.write([{ sql: 'UPDATE runs SET max_failures = 1' }]);
      const next = first.lease.jobs[1]?.job_id ?? '';
      return () => cancelJob(queue.deps, next, anyOrg);
    },
  ],
  16: [
    async (queue) => (await running(queue)).cancel,
    async (queue) => {
      await running(queue, ofCommit('100', 'a'));
      return () => submitNewer(queue);
    },
  ],
  17: [
    ...[
      cancelled,
      failed,
      error('infra_error'),
      error('report_error'),
      error('timeout'),
      error('install_failed'),
    ],
    ...[error('capacity'), error('interrupted'), error('rejected')],
  ]
    .map((report) => verdictOfFlagged(report))
    .concat([afterTime(flagged, minute + 1, rescueExpired)]),
  18: [verdictOfFlagged(passed), verdictOfFlagged(failed, noRetries)],
  19: [
    afterTime((queue) => queue.submit(shortQueueTimeout), 10 * minute + 1, expireQueued),
    afterTime((queue) => queue.submit({}), 15 * minute + 1, expireQueued),
    afterTime(waiting, 11 * minute + 1, expireQueued),
    afterTime(
      async (queue) => (await running(queue, shortQueueTimeout)).finish(failed),
      10 * minute + 1,
      expireQueued,
    ),
    afterTime(
      async (queue) => {
        const job = await running(queue, shortQueueTimeout);
        await setCounter(queue, 'test_failures', 1);
        await job.finish(error('infra_error'));
      },
      10 * minute + 1,
      expireQueued,
    ),
  ],
  20: [3, 0].map((retries) =>
    afterTime(
      (queue) => running(queue, { max_retries: retries, timeout_ms: minute }),
      2 * minute + 1,
      rescueOverdue,
    ),
  ),
  21: [
    async (queue) => {
      const job = await oneOfEach(queue);
      return () => job.installed('build_error');
    },
    async (queue) => {
      const job = await oneOfEach(queue);
      await queue.deps.sql.write([{ sql: 'UPDATE groups SET install_failures = 2' }]);
      return () => job.installed('install_failed');
    },
  ],
};

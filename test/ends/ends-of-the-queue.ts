import { cancelled, type End, errored, erroredBy, failed, passed } from './end.ts';
import { endsByANewerCommit, nobody } from './ends-by-a-newer-commit.ts';

const minute = 60_000;
const one = (status: 'passed' | 'flaky') => ({ name: 't', status, duration_ms: 1 });
/** Ends that come from the queue: jobs that no device took, cancelled runs, crashed agents and scripted reports. */
export const endsOfTheQueue: readonly End[] = [
  {
    ...{ name: 'cancelled in the queue', ...cancelled, outcomes: ['cancelled'] },
    make: async (lab) => lab.cancel(await lab.submit({ ...nobody })),
  },
  {
    ...{ name: 'stopped by max_failures', ...failed, outcomes: ['failed', 'max_failures'] },
    run: { status: 'failed', conclusion: 'failure', reason: 'max_failures' },
    step: { ...failed.step, fails: /^1 of 3 jobs failed: .*; max-failures: 2 others did not run$/ },
    make: async (lab) => {
      const body = { tests: ['a', 'b', 'c'], max_failures: 1, retry_failed_tests: 0 };
      const { runId, agent } = await lab.startJob(body);
      await agent.finish({ verdict: 'failed' });
      return runId;
    },
  },
  {
    ...{ name: 'cancelled while it runs', ...cancelled, outcomes: ['cancelled'] },
    make: async (lab) => lab.cancel(await lab.submitSlow()),
  },
  {
    ...{ name: 'cancelled after a part of it passed', ...cancelled, outcomes: ['cancelled', 'passed'] },
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ tests: ['a', 'b'] });
      await agent.finish({ verdict: 'passed' });
      return lab.cancel(runId);
    },
  },
  {
    ...{
      name: 'cancelled after a part of it errored',
      ...erroredBy('rejected'),
      outcomes: ['cancelled', 'rejected'],
    },
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ tests: ['a', 'b'] });
      await agent.finish({ verdict: 'error', error_class: 'rejected' });
      return lab.cancel(runId);
    },
  },
  ...endsByANewerCommit,
  {
    ...{
      name: 'an app file that is invalid',
      ...erroredBy('app'),
      outcomes: ['build_error'],
      because: /^not an app$/m,
    },
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ tests: ['a', 'b'] });
      await agent.finish({ verdict: 'error', error_class: 'build_error', error: 'not an app' });
      return runId;
    },
  },
  {
    ...{ name: 'poison', ...errored, outcomes: ['poison'], because: /the agent was started anew/ },
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ max_retries: 0 });
      await agent.crash();
      for (const backoffMs of [5000, 10_000]) {
        await lab.advance(runId, backoffMs);
        await agent.takeNext();
        await agent.crash();
      }
      return runId;
    },
  },
  {
    ...{
      name: 'expired in the queue',
      ...erroredBy('device'),
      outcomes: ['expired_in_queue'],
      because: /no device took/,
    },
    make: async (lab) => {
      const id = await lab.submit({ ...nobody, queue_timeout_ms: 24 * 60 * minute });
      await lab.advance(id, 24 * 60 * minute + 1);
      return id;
    },
  },
  {
    ...{ name: 'no device', ...erroredBy('no_device'), outcomes: ['no_device'] },
    because:
      /^no device has ever offered browserstack: start an agent with a device of this target, or mend the target$/,
    make: async (lab) => {
      const id = await lab.submit({ target: 'browserstack' });
      await lab.advance(id, 15 * minute + 1);
      return id;
    },
  },
  {
    ...{ name: 'a report that says nothing, twice', ...erroredBy('report'), outcomes: ['report_error'] },
    because: /^no test ran$/,
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ max_retries: 3 });
      await agent.finish({ verdict: 'passed', tests: [] });
      await agent.takeNext();
      await agent.finish({ verdict: 'passed', tests: [] });
      return runId;
    },
  },
  {
    ...{ name: 'a pass over a report that contradicts itself', ...erroredBy('report') },
    outcomes: ['report_error'],
    because: /^the report contradicts itself: 3 tests in all, 2 by their status$/,
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ max_retries: 0 });
      const report = { total: 3, passed: 2, failed: 0, skipped: 0, flaky: 0, listed: 1 };
      await agent.finish({ verdict: 'passed', tests: [one('passed')], report });
      return runId;
    },
  },
  {
    ...{ name: 'flaky by the report', ...passed, outcomes: ['flaky'] },
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({});
      await agent.finish({ verdict: 'passed', tests: [one('flaky')] });
      return runId;
    },
  },
  {
    ...{ name: 'flaky by the report with fail_on_flaky', ...failed, outcomes: ['flaky'] },
    run: { status: 'failed', conclusion: 'failure', reason: 'flaky' },
    step: { ...failed.step, fails: /fail-on-flaky/ },
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ fail_on_flaky: true });
      await agent.finish({ verdict: 'passed', tests: [one('flaky')] });
      return runId;
    },
  },
  {
    ...{ name: 'expired after a failed attempt', ...failed, outcomes: ['failed'], because: /^expected 4$/ },
    make: async (lab) => {
      const { runId, agent } = await lab.startJob({ retry_failed_tests: 3, queue_timeout_ms: minute });
      await agent.finish({ verdict: 'failed', error: 'expected 4' });
      await lab.advance(runId, minute + 1);
      return runId;
    },
  },
  {
    ...{ name: 'a wait that timed out', outcomes: [null] },
    run: { status: 'queued', conclusion: null, reason: null },
    exitCode: 5,
    step: { status: 'timed_out', conclusion: 'failure', fails: /^run run_\w+ had no verdict within 1 ms; / },
    make: (lab) => lab.submit({ ...nobody }),
    waitMs: 1,
  },
  {
    ...{ name: 'a wait that the server refuses', outcomes: [null] },
    run: { status: 'queued', conclusion: null, reason: null },
    exitCode: 3,
    step: { status: 'errored', conclusion: 'failure', fails: /^run run_\w+ \(http\S+\) was lost sight of, / },
    make: (lab) => lab.submit({ ...nobody }),
    token: (lab) => lab.strangerToken,
  },
];

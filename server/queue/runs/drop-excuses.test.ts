import { expect, test } from 'vitest';
import { commit, openQuarantineLab, told } from '../../../test/support/quarantine-lab.ts';
import { anyOrg, everyone } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { removeQuarantine } from '../ledger/index.ts';
import { readRun } from './read-run.ts';

test('that a failure is excused no more is dated by the end of its run, at which that is decided', async () => {
  const { deps, queue, agent, ...lab } = await openQuarantineLab();
  const fails = told({ pays: 'failed' });
  await lab.play(commit('a'), fails);
  const { quarantine_id } = await lab.quarantine('pays');
  const settings = { max_retries: 0, retry_failed_tests: 0 } as const;
  const { run } = await queue.submit({ ...commit('a'), ...settings, tests: ['a', 'b'] });
  const rack = await agent();
  for (let lease = await rack.take(); lease; lease = await rack.take())
    for (const { job_id: jobId, test_path } of lease.jobs) {
      const ref = { leaseId: lease.lease_id, jobId, attempt: 1 };
      const report = test_path === 'a' ? fails : told({ ships: 'passed' });
      await finishAttempt(deps, everyone, ref, { attempt: 1, duration_ms: 1, verdict: 'passed', ...report });
      if (test_path === 'a') await removeQuarantine(deps, quarantine_id, anyOrg, 't');
      queue.advance(60_000);
      await agent();
    }
  const ended = await readRun(deps, run.run_id, 0, anyOrg);
  expect(ended).toMatchObject({ status: 'failed', counts: { failed: 1, passed: 1 } });
  const [event] = await deps.sql.read(`SELECT at FROM events WHERE type = 'excuse_dropped'`);
  expect(new Date(Number(event?.at)).toISOString()).toBe(ended.finished_at);
});

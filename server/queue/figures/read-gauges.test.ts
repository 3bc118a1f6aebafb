import { expect, test } from 'vitest';
import { openTestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { patchOrg } from '../orgs/index.ts';
import { readDepths, readGauges, repairWaiting } from './index.ts';

const everyone = { owner: undefined, leaseId: undefined };

test('jobs are told apart: queued, waiting for an instant, and with a device', async () => {
  const queue = await openTestQueue();
  await queue.submit({ tests: ['a', 'b', 'c'] });
  queue.advance(7000);
  await queue.submit({ tests: ['d', 'e'], delay_ms: 60_000 });
  const agent = await queue.agent('rack', ['emulator', 'device']);
  const lease = await agent.mustTake();
  const { targets, devices, ...rest } = await readGauges(queue.deps);
  const leased = lease.jobs.length;
  expect(targets).toMatchObject([
    {
      target: 'emulator',
      queued: 3 - leased,
      waiting: 2,
      leased,
      wanted: 3 - leased,
      oldestMs: leased < 3 ? 7000 : 0,
    },
  ]);
  expect(devices).toEqual([
    { target: 'device', status: 'idle', n: 1 },
    { target: 'emulator', status: 'busy', n: 1 },
  ]);
  expect(rest).toMatchObject({ agentsOnline: 1, leasesActive: 1, runsActive: 2, outboxRows: 0 });
});

test('a retry that waits is no longer leased, and is queued once its wait is over', async () => {
  const queue = await openTestQueue();
  await queue.submit({ tests: ['a'] });
  const lease = await (await queue.agent('rack', ['emulator'])).mustTake();
  const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
  await startAttempt(queue.deps, everyone, ref);
  const infra = { attempt: 1, verdict: 'error', error_class: 'infra_error', duration_ms: 1 } as const;
  await finishAttempt(queue.deps, everyone, ref, infra);
  expect((await readGauges(queue.deps)).targets).toMatchObject([{ queued: 0, waiting: 1, leased: 0 }]);
});

test('what one more device would take is without the jobs of orgs that are paused or at their cap', async () => {
  const queue = await openTestQueue();
  await queue.submit({ tests: ['a'], org_id: 'acme' });
  await queue.submit({ tests: ['a', 'b'], org_id: 'paused' });
  await queue.submit({ tests: ['a', 'b', 'c'], org_id: 'capped' });
  await queue.submit({ tests: ['a'], org_id: 'elsewhere', target: 'device' });
  const any = { orgId: undefined };
  await patchOrg(queue.deps, 'paused', { paused: true }, any);
  await patchOrg(queue.deps, 'capped', { max_leases: 0 }, any);
  await patchOrg(queue.deps, 'elsewhere', { paused_targets: ['device'] }, any);
  expect(await readDepths(queue.deps, null)).toMatchObject([
    { target: 'device', queued: 1, wanted: 0 },
    { target: 'emulator', queued: 6, wanted: 1 },
  ]);
  expect(await readDepths(queue.deps, 'paused')).toMatchObject([{ queued: 2, wanted: 0 }]);
});

test('what an older server did not count is counted at the next start', async () => {
  const queue = await openTestQueue();
  await queue.submit({ tests: ['a', 'b'], delay_ms: 60_000 });
  await queue.submit({ tests: ['a'], app_version_id: 'v2' });
  await queue.deps.sql.write([{ sql: `UPDATE groups SET waiting = iif(app_version_id = 'v2', 5, -1)` }]);
  await repairWaiting(queue.deps);
  expect(await readDepths(queue.deps, null)).toMatchObject([{ queued: 1, waiting: 2 }]);
});

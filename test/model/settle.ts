import { finishAttempt } from '../../server/queue/attempts/finish-attempt.ts';
import { endBorrow, settleBorrows } from '../../server/queue/borrows/index.ts';
import { placeHunts } from '../../server/queue/dispatch/plan-hunts.ts';
import { expireQueued, queueDue } from '../../server/queue/dispatch/tick.ts';
import { registerAgent } from '../../server/queue/fleet/register-agent.ts';
import { rescueExpired, rescueOverdue } from '../../server/queue/leases/rescue-leases.ts';
import { everyone, takeLease } from '../support/deps.ts';
import type { Model } from './model.ts';

const rounds = 400;

/** No more faults, and one healthy device: now every job must end. */
export async function settle(model: Model): Promise<void> {
  const { deps } = model;
  await deps.sql.write([{ sql: `UPDATE orgs SET max_leases = NULL, paused_targets = '[]'` }]);
  // Nobody wants a device any more.
  for (const { id } of await deps.sql.read(`SELECT id FROM borrows WHERE status = 'waiting'`))
    await endBorrow(deps, String(id), { orgId: undefined });
  for (let n = 0; n < rounds; n += 1) {
    const open = await deps.sql.read('SELECT 1 FROM jobs WHERE finalized_at IS NULL LIMIT 1');
    if (open.length === 0) return;
    // Longer than leases, backoffs and avoided devices last.
    model.advance(120_000);
    await rescueExpired(deps);
    await rescueOverdue(deps);
    await queueDue(deps);
    await expireQueued(deps);
    await settleBorrows(deps);
    await placeHunts(deps);
    await workOnce(model);
  }
  throw new Error(`broken: with one healthy device every job ends (not after ${rounds} rounds)`);
}

/** A new agent takes one lease and passes all its jobs. */
async function workOnce(model: Model): Promise<void> {
  const { deps } = model;
  for (const owner of ['', 'acme']) {
    const devices = [{ name: 'd0', target: 'emulator' }];
    const bootId = `boot-${model.next()}-healthy`;
    const agent = await registerAgent(deps, owner, {
      name: 'healthy',
      boot_id: bootId,
      version: '1',
      devices,
    });
    const device = agent.devices[0]?.device_id ?? '';
    const input = { lease_id: `lease-${model.next()}`, boot_id: bootId, device_id: device, wait_ms: 0 };
    const lease = await takeLease(deps, everyone, input);
    for (const job of lease?.jobs ?? []) {
      const ref = { leaseId: input.lease_id, jobId: job.job_id, attempt: job.next_attempt };
      const tests = [{ name: 't', status: 'passed' as const, duration_ms: 1 }];
      await finishAttempt(deps, everyone, ref, {
        attempt: ref.attempt,
        verdict: 'passed',
        duration_ms: 1,
        tests,
      });
    }
  }
}

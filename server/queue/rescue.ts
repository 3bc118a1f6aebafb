import type { Deps } from './deps.ts';
import { expireLease } from './expire-lease.ts';
import { moveBatchesToSharedPools } from './place-batches.ts';

const leasesPerPass = 20;

/**
 * Takes back leases whose agent has not been heard for a TTL. SEARCH leases USING INDEX leases_expiry. Answers how many.
 */
export async function rescueExpired(deps: Deps): Promise<number> {
  const now = deps.now();
  const past = await deps.gate.read(
    `SELECT id FROM leases WHERE state = 'active' AND expires_at < ? ORDER BY expires_at LIMIT ?`,
    [now, leasesPerPass],
  );
  let rescued = 0;
  for (const row of past) {
    if (await expireLease(deps, String(row.id), 'the agent was not heard for one lease TTL', now))
      rescued += 1;
  }
  return rescued;
}

/** Work that only dead devices of its org could serve goes back to the shared pool. */
export async function placeOrphanedBatches(deps: Deps): Promise<void> {
  await deps.gate.write([moveBatchesToSharedPools(deps.now() - deps.settings.leaseTtlMs)]);
}

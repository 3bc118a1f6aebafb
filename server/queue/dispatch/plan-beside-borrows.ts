import { grantBorrows } from '../borrows/index.ts';
import type { Deps } from '../store/deps.ts';
import type { LeasePoll } from './lease-poll.ts';
import { planHunts } from './plan-hunts.ts';
import { type Plan, type PlannedLease, planLeases } from './plan-leases.ts';

/** Who waits for devices of a pool beside the jobs. */
interface Waiting {
  readonly hasBorrows: boolean;
  readonly hasHunts: boolean;
}

/** SEARCH borrows USING COVERING INDEX borrows_waiting (pool_id=?), SEARCH batches USING COVERING INDEX batches_hunted (pool_id=?) */
const waitingSql = `SELECT EXISTS (SELECT 1 FROM borrows WHERE pool_id = ?1 AND status = 'waiting') AS borrows,
  EXISTS (SELECT 1 FROM batches WHERE pool_id = ?1 AND hunted > 0) AS hunts`;

async function readWaiting(deps: Deps, poolId: number): Promise<Waiting> {
  const [row] = await deps.sql.read(waitingSql, [poolId]);
  return { hasBorrows: row?.borrows === 1, hasHunts: row?.hunts === 1 };
}

/** Plans leases. A person who waits for a device gets it before the jobs that came later. */
export async function planBesideBorrows(
  deps: Deps,
  poolId: number,
  polls: readonly LeasePoll[],
): Promise<{ plan: Plan; waiting: Waiting }> {
  const requesters = polls.map((one) => one.requester);
  const planNow = () => planLeases(deps, poolId, requesters);
  // Mostly nobody waits: so both are read together.
  const [waiting, plan] = await Promise.all([readWaiting(deps, poolId), planNow()]);
  const isChanged = waiting.hasBorrows && (await grantBorrows(deps, poolId)) > 0;
  return { plan: isChanged ? await planNow() : plan, waiting };
}

/**
 * For devices for which the plan had nothing, though there may be jobs: they are idle by choice, so a person may have them,
 * and else hunts.
 */
export async function planIdle(
  deps: Deps,
  poolId: number,
  polls: readonly LeasePoll[],
  { hasBorrows, hasHunts }: Waiting,
): Promise<readonly PlannedLease[]> {
  const idle = polls.filter((one) => one.isOpen).map((one) => one.requester);
  if (idle.length === 0) return [];
  if (hasBorrows)
    await grantBorrows(
      deps,
      poolId,
      idle.map((one) => one.deviceId),
    );
  return hasHunts ? planHunts(deps, poolId, idle) : [];
}

import { grantBorrows, hasWaitingBorrows } from '../borrows/index.ts';
import type { Deps } from '../store/deps.ts';
import type { LeasePoll } from './lease-poll.ts';
import { type Plan, planLeases } from './plan-leases.ts';

/** Plans leases. A person who waits for a device gets it before the jobs that came later. */
export async function planBesideBorrows(
  deps: Deps,
  poolId: number,
  polls: readonly LeasePoll[],
): Promise<{ plan: Plan; isWaitedFor: boolean }> {
  const requesters = polls.map((one) => one.requester);
  const planNow = () => planLeases(deps, poolId, requesters);
  // Mostly nobody waits: so both are read together.
  const [isWaitedFor, plan] = await Promise.all([hasWaitingBorrows(deps, poolId), planNow()]);
  const isChanged = isWaitedFor && (await grantBorrows(deps, poolId)) > 0;
  return { plan: isChanged ? await planNow() : plan, isWaitedFor };
}

/** Devices for which the plan had nothing, though there are jobs, are idle by choice: a person may have them. */
export async function lendIdle(deps: Deps, poolId: number, polls: readonly LeasePoll[]): Promise<void> {
  const idle = polls.filter((one) => one.isOpen).map((one) => one.requester.deviceId);
  if (idle.length > 0) await grantBorrows(deps, poolId, idle);
}

import type { Slot } from '../devices/device.ts';
import { lookHard } from '../loops/watch-devices.ts';
import type { SourceFailure } from '../sources/source-failure.ts';
import type { LeaseWork } from './lease-work.ts';

/**
 * Removes what earlier leases of other orgs left on the device, and where a person had it since, what any lease left.
 * `infra_error`: it could not, so that no test of this org runs
 * beside their apps. `stopped`: the device was gone meanwhile, and the lease is given back; twice in a row the removal may
 * be what takes it away. Undefined: nothing is left.
 */
export async function resetDevice({
  agent,
  lease,
  slot,
}: Pick<LeaseWork, 'agent' | 'lease' | 'slot'>): Promise<SourceFailure | undefined> {
  const { device, health } = slot;
  const from = agent.now();
  const wasLost = slot.isLostInReset;
  slot.isLostInReset = false;
  if (lease.clean) forget(slot);
  try {
    await device.reset?.({ orgId: lease.org_id, all: lease.clean ?? false });
    return undefined;
  } catch (error) {
    const left = `${device.offer.name}: apps of other orgs are still on it: ${(error as Error).message}`;
    if (device.examine && health.brokenSince(from) === undefined) await lookHard(agent, slot);
    const why = health.brokenSince(from);
    if (why === undefined) return { class: 'infra_error', why: left };
    if (wasLost)
      return { class: 'infra_error', why: `${left}; twice in a row it was lost meanwhile: ${why}` };
    slot.isLostInReset = true;
    return { class: 'stopped' };
  }
}

/** Nothing that was on it is known to be there. */
function forget(slot: Slot): void {
  slot.installed = undefined;
  slot.installedBy = undefined;
  slot.isSeen = false;
}

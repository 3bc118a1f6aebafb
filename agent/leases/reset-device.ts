import type { LeaseWork } from './lease-work.ts';

/**
 * Removes what earlier leases of other orgs left on the device. Answers why it could not: then no test of this org runs
 * beside their apps. Undefined: nothing is left.
 */
export async function resetDevice({ lease, slot }: LeaseWork): Promise<string | undefined> {
  const { device } = slot;
  try {
    await device.reset?.({ orgId: lease.org_id });
    return undefined;
  } catch (error) {
    return `${device.offer.name}: apps of other orgs are still on it: ${(error as Error).message}`;
  }
}

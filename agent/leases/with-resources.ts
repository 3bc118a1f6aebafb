import { setTimeout as sleep } from 'node:timers/promises';
import type { Preset } from '../frameworks/preset.ts';
import { holdResources } from '../resources/hold-resources.ts';
import type { LeaseWork } from './lease-work.ts';

/**
 * Works on a lease while it has what its framework uses of the host. Where another lease has it, nothing is begun: the
 * jobs are given back, and no lease of their source is asked for until it is free.
 */
export async function withResources(
  { agent, slot, lease }: Pick<LeaseWork, 'agent' | 'slot' | 'lease'>,
  { uses }: Preset,
  work: () => Promise<void>,
): Promise<void> {
  const source = lease.source_hash ?? '';
  const held = holdResources(uses, { key: lease.lease_id, source }, agent);
  if ('busy' in held) {
    agent.say(`${slot.device.offer.name}  given back: another lease on this host uses ${held.busy}`);
    // Otherwise the same lease would be granted at once, again and again.
    if (!agent.busy.list.includes(source)) await sleep(agent.timing.earlyPauseMs);
    return;
  }
  try {
    await work();
  } finally {
    held.release();
  }
}

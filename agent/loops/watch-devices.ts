import type { Agent } from '../agent.ts';
import type { Slot } from '../devices/device.ts';
import { pause } from './handle-outage.ts';
import type { Registration } from './register.ts';

/** Looks at a device, after the look that is under way. True when something has changed, which was said. */
export function lookAt(agent: Agent, slot: Slot): Promise<boolean> {
  const look = slot.lastLook.then(() => lookNow(agent, slot));
  slot.lastLook = look;
  return look;
}

async function lookNow(agent: Agent, { device, health }: Slot): Promise<boolean> {
  const fault = await device.examine?.();
  const isNew = health.note(fault, agent.now());
  if (isNew) agent.say(`${device.offer.name}  ${fault ? `benched: ${fault.why}` : 'is well again'}`);
  return isNew;
}

/**
 * Looks at each device again and again until `over`, also while it is in use, and tells the server what has changed: a
 * device that is not fit gets no tests until it is.
 */
export async function watchDevices(
  agent: Agent,
  registration: Registration,
  slots: readonly Slot[],
  over: AbortSignal,
): Promise<void> {
  await Promise.all(
    slots.filter(({ device }) => device.examine).map((slot) => watch(agent, registration, slot, over)),
  );
}

async function watch(agent: Agent, registration: Registration, slot: Slot, over: AbortSignal): Promise<void> {
  let isTold = true;
  while (!over.aborted) {
    await pause(agent.timing.examineMs, over);
    if (over.aborted) return;
    if (await lookAt(agent, slot)) isTold = false;
    // Where the server is away the next look tries again; its loops say that it is away.
    if (!isTold)
      isTold = await registration.update().then(
        () => true,
        () => false,
      );
  }
}

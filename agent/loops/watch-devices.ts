import type { Agent } from '../agent.ts';
import type { Slot } from '../devices/device.ts';
import type { Fault } from '../devices/fault.ts';
import { pause } from './handle-outage.ts';
import type { Registration } from './register.ts';

/** Looks at a device, after the look that is under way. What has changed is said. */
export function lookAt(agent: Agent, slot: Slot): Promise<unknown> {
  const look = slot.lastLook.then(() => lookNow(agent, slot));
  slot.lastLook = look;
  return look;
}

/** Looks until it is known whether what is wrong, if anything, breaks tests: a phone that hangs takes two looks. */
export async function lookHard(agent: Agent, slot: Slot): Promise<void> {
  await lookAt(agent, slot);
  if (slot.health.fault?.isUnsure) await lookAt(agent, slot);
}

async function lookNow(agent: Agent, slot: Slot): Promise<void> {
  const { device, health } = slot;
  let fault = await device.examine?.(slot.isBusy);
  if (fault?.cure && !slot.isBusy) {
    // First no lease may begin: the cure would end its app.
    health.note(fault, agent.now());
    if (!slot.isBusy) await fault.cure();
    fault = await device.examine?.(slot.isBusy);
  }
  // What is on a device that was away is not known any more.
  if (fault?.breaksTests) slot.installed = undefined;
  const isNew = health.note(fault, agent.now());
  if (isNew) agent.say(`${device.offer.name}  ${fault ? `benched: ${wordsOf(fault)}` : 'is well again'}`);
}

const wordsOf = ({ why, detail }: Fault): string => (detail ? `${why}: ${detail}` : why);

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
  while (!over.aborted) {
    await pause(agent.timing.examineMs, over);
    if (over.aborted) return;
    await lookAt(agent, slot);
    // Also what another look has found. Where the server is away the next one tries again; its loops say that it is away.
    if (registration.isStale) await registration.update().catch(() => undefined);
  }
}

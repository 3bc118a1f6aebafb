import { uuidv7 } from 'uuidv7';
import { isRetryable } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { idPrefixes, leaseIdPattern } from '../../protocol/ids.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import { type Agent, isDraining } from '../agent.ts';
import type { Slot } from '../devices/device.ts';
import { checkLease } from './check-answers.ts';
import { BackOff, handleOutage, pause } from './handle-outage.ts';
import { leaseClient } from './lease-client.ts';
import type { Registration } from './register.ts';

const newLeaseId = (): string => `${idPrefixes.lease}${uuidv7()}`;

/**
 * Asks for leases for one device until `enough`, and hands each to `work`. The agent chooses the lease id: after a lost
 * answer it asks again under the same id and gets the same lease.
 */
export async function pollDevice(
  agent: Agent,
  registration: Registration,
  slot: Slot,
  enough: AbortSignal,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  const backOff = new BackOff(agent.timing);
  /** The lease that was asked for last; it may have been granted. */
  let open: string | undefined;
  while (await mayAsk(agent, slot, enough)) {
    open ??= newLeaseId();
    const sentAt = agent.now();
    const { changed } = agent.busy;
    const { fell } = slot.health;
    try {
      const lease = await take(agent, registration, slot, open, AbortSignal.any([enough, changed, fell]));
      open = undefined;
      agent.outages.over(backOff);
      if (lease) await work(lease);
      else await settle(agent, sentAt, enough);
      backOff.reset();
    } catch (error) {
      // Another source can run here by now, or none. The request may have been granted.
      const isOld = open !== undefined && (changed.aborted || fell.aborted);
      const hungUp = open !== undefined && (enough.aborted || isDraining(agent));
      if (hungUp || isOld) await giveBack(agent, registration, slot, open);
      else await recover(agent, registration, slot, error, backOff, enough);
      if (isOld || !isRetryable(error)) open = undefined;
    }
  }
  await giveBack(agent, registration, slot, open);
}

/** Waits until a new lease may be asked for. False: `enough` aborted. */
async function mayAsk(agent: Agent, slot: Slot, enough: AbortSignal): Promise<boolean> {
  while (!enough.aborted) {
    await agent.intake.whenOpen(enough);
    await agent.renewal.whenFresh(enough);
    await slot.health.whenWell(enough);
    if (!enough.aborted && !isDraining(agent)) return true;
  }
  return false;
}

async function take(
  agent: Agent,
  registration: Registration,
  slot: Slot,
  leaseId: string,
  enough: AbortSignal,
): Promise<Lease | undefined> {
  // The hold varies, so that many agents do not ask again at the same moment.
  const waitMs = Math.round(agent.timing.longPollMs * (0.8 + 0.2 * Math.random()));
  const signal = AbortSignal.any([enough, agent.intake.closed]);
  return askFor(agent, registration, slot, { leaseId, waitMs, signal });
}

interface Ask {
  readonly leaseId: string;
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

async function askFor(
  agent: Agent,
  registration: Registration,
  slot: Slot,
  { leaseId, waitMs, signal }: Ask,
): Promise<Lease | undefined> {
  const lease = await agent.client.with({ forMs: 0 }).call('takeLease', {
    body: {
      lease_id: leaseId,
      boot_id: agent.bootId,
      device_id: registration.session.deviceIds.get(slot.device.offer.name) ?? '',
      wait_ms: waitMs,
      installed: slot.installed ?? null,
      ...(agent.busy.list.length > 0 && { busy_sources: [...agent.busy.list] }),
    },
    signal,
    timeoutMs: waitMs + agent.timing.callSlackMs,
  });
  return lease === undefined ? undefined : checkLease(leaseId, lease);
}

/** A server that answered early without a lease is asked again after a pause, which differs for each device. */
async function settle(agent: Agent, sentAt: number, enough: AbortSignal): Promise<void> {
  if (agent.now() - sentAt >= agent.timing.earlyMs) return;
  await pause(agent.timing.earlyPauseMs * (0.2 + 0.8 * Math.random()), enough);
}

async function recover(
  agent: Agent,
  registration: Registration,
  slot: Slot,
  error: unknown,
  backOff: BackOff,
  enough: AbortSignal,
): Promise<void> {
  const { code, details } = error instanceof QgjobError ? error : {};
  // A lease that this agent no longer knows blocks the device.
  const blocking = String(details?.lease_id);
  if (code === 'conflict' && leaseIdPattern.test(blocking))
    await giveBack(agent, registration, slot, blocking);
  await handleOutage(agent, error, backOff, enough);
  await registration.renewIfUnknown(error);
}

/**
 * Gives back a lease that may be ours though its answer did not come. Only its own token may release a lease, so it is
 * asked for once more. Best effort: a lease that nobody renews ends by itself.
 */
async function giveBack(
  agent: Agent,
  registration: Registration,
  slot: Slot,
  leaseId: string | undefined,
): Promise<void> {
  if (leaseId === undefined) return;
  try {
    const lease = await askFor(agent, registration, slot, { leaseId, waitMs: 0 });
    if (!lease) return;
    const once = leaseClient(agent.client, lease.token).with({ forMs: 0 });
    await once.call('releaseLease', { params: { id: leaseId }, timeoutMs: agent.timing.callSlackMs });
  } catch {
    // It has ended, or the server is away.
  }
}

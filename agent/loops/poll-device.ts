import { uuidv7 } from 'uuidv7';
import { errorTable, QgjobError } from '../../protocol/errors.ts';
import { idPrefixes } from '../../protocol/ids.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import { type Agent, isDraining } from '../agent.ts';
import type { Slot } from '../leases/slot.ts';
import { BackOff, pause } from './back-off.ts';
import { handleTrouble, troubleOver } from './handle-trouble.ts';
import type { SessionKeeper } from './session-keeper.ts';

const newLeaseId = (): string => `${idPrefixes.lease}${uuidv7()}`;

/**
 * Asks for work for one device until the agent drains, and hands each lease to `work`. The lease id is ours: a take
 * whose answer was lost is asked again under the same id and gets the same lease.
 */
export async function pollDevice(
  agent: Agent,
  keeper: SessionKeeper,
  slot: Slot,
  work: (lease: Lease) => Promise<void>,
): Promise<void> {
  const { drain } = agent.stop;
  const backOff = new BackOff(agent.timing);
  let leaseId = newLeaseId();
  while (!drain.aborted) {
    await agent.intake.whenOpen(drain);
    await agent.renewal.whenFresh(drain);
    if (isDraining(agent)) continue;
    const sentAt = agent.now();
    try {
      const lease = await take(agent, keeper, slot, leaseId);
      troubleOver(agent);
      leaseId = newLeaseId();
      if (lease) await work(lease);
      // The server held nothing: ask again soon, not at once, and not with all others.
      else if (agent.now() - sentAt < agent.timing.earlyMs) {
        await pause(agent.timing.earlyPauseMs * (0.2 + 0.8 * Math.random()), drain);
      }
      backOff.reset();
    } catch (error) {
      const keepId = await afterFailure(agent, keeper, leaseId, error, backOff);
      if (!keepId) leaseId = newLeaseId();
    }
  }
}

function take(agent: Agent, keeper: SessionKeeper, slot: Slot, leaseId: string): Promise<Lease | undefined> {
  // The hold varies, so that many agents do not come back in one moment.
  const waitMs = Math.round(agent.timing.holdMs * (0.8 + 0.2 * Math.random()));
  return agent.client.with({ forMs: 0 }).call('takeLease', {
    body: {
      lease_id: leaseId,
      boot_id: agent.bootId,
      device_id: keeper.session.deviceIds.get(slot.device.offer.name) ?? '',
      wait_ms: waitMs,
      installed: slot.installed ?? null,
    },
    signal: AbortSignal.any([agent.stop.drain, agent.intake.closed]),
    timeoutMs: waitMs + agent.timing.callSlackMs,
  });
}

/** True when the next take must use the same lease id. */
async function afterFailure(
  agent: Agent,
  keeper: SessionKeeper,
  leaseId: string,
  error: unknown,
  backOff: BackOff,
): Promise<boolean> {
  if (isDraining(agent)) {
    // The server may have granted it while we hung up.
    await giveBack(agent, leaseId);
    return false;
  }
  const code = error instanceof QgjobError ? error.code : undefined;
  const live = code === 'conflict' ? (error as QgjobError).details?.lease_id : undefined;
  if (typeof live === 'string') await giveBack(agent, live);
  await handleTrouble(agent, error, backOff, agent.stop.drain);
  await keeper.renewIfUnknown(error);
  return code !== undefined && errorTable[code].retryable;
}

/** Best effort: a lease that nobody renews ends by itself. */
async function giveBack(agent: Agent, leaseId: string): Promise<void> {
  const quick = agent.client.with({ forMs: 0 });
  await quick
    .call('releaseLease', { params: { id: leaseId }, timeoutMs: agent.timing.callSlackMs })
    .catch(() => undefined);
}

import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import { LeaseDispatcher } from '../../server/queue/dispatch/lease-dispatcher.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import type { AgentCaller } from '../../server/queue/store/find-agent.ts';
import { WakeUps } from '../../server/queue/store/wake-ups.ts';

const desks = new WeakMap<Deps, LeaseDispatcher>();

/** Asks once at the desk of these deps, as a poll does that is not held. */
export function takeLease(deps: Deps, caller: AgentCaller, input: TakeLease): Promise<Lease | undefined> {
  const desk = desks.get(deps) ?? new LeaseDispatcher(deps, new WakeUps(), () => undefined);
  desks.set(deps, desk);
  const patience = { waitMs: 0, signal: new AbortController().signal, recheck: async () => undefined };
  return desk.lease({ caller, input }, patience);
}

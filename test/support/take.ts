import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import type { Deps } from '../../server/queue/deps.ts';
import { Desk } from '../../server/queue/desk.ts';
import { Doorbell } from '../../server/queue/doorbell.ts';
import type { AgentCaller } from '../../server/queue/find-agent.ts';

const desks = new WeakMap<Deps, Desk>();

/** Asks once at the desk of these deps, as a poll does that is not held. */
export function takeLease(deps: Deps, caller: AgentCaller, input: TakeLease): Promise<Lease | undefined> {
  const desk = desks.get(deps) ?? new Desk(deps, new Doorbell(), () => undefined);
  desks.set(deps, desk);
  const patience = { waitMs: 0, signal: new AbortController().signal, recheck: async () => undefined };
  return desk.ask({ caller, input }, patience);
}

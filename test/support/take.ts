import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import { LeaseDispatcher } from '../../server/queue/dispatch/lease-dispatcher.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import type { AgentCaller } from '../../server/queue/store/find-agent.ts';
import { WakeUps } from '../../server/queue/store/wake-ups.ts';

const dispatchers = new WeakMap<Deps, LeaseDispatcher>();

/** One lease request of these deps that does not wait. */
export function takeLease(deps: Deps, caller: AgentCaller, input: TakeLease): Promise<Lease | undefined> {
  const dispatcher = dispatchers.get(deps) ?? new LeaseDispatcher(deps, new WakeUps(), () => undefined);
  dispatchers.set(deps, dispatcher);
  const options = { waitMs: 0, signal: new AbortController().signal, recheck: async () => undefined };
  return dispatcher.lease({ caller, input }, options);
}

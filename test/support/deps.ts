import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import { LeaseTokens } from '../../server/auth/lease-token.ts';
import type { Store } from '../../server/db/store.ts';
import { LeaseDispatcher } from '../../server/queue/dispatch/lease-dispatcher.ts';
import { Coalescer } from '../../server/queue/store/coalescer.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import type { AgentCaller } from '../../server/queue/store/find-agent.ts';
import { noMeter } from '../../server/queue/store/meter.ts';
import { WakeUps } from '../../server/queue/store/wake-ups.ts';

/** The tokens of leases, by a key that all tests share. */
export const leaseTokens = new LeaseTokens('5'.repeat(64));

/** Dependencies of the queue's verbs for tests: a store, and a clock that only the test changes. No jitter. */
export function makeDeps(
  { db, sql }: Pick<Store, 'db' | 'sql'>,
  now: () => number,
  settings: Partial<Deps['settings']> = {},
): Deps {
  return {
    db,
    sql,
    now,
    random: () => 0.5,
    leaseToken: (leaseId) => leaseTokens.of(leaseId),
    coalescer: new Coalescer(),
    meter: noMeter,
    settings: {
      leaseTtlMs: 60_000,
      heartbeatMs: 15_000,
      maxRetries: 3,
      defaultTarget: 'emulator',
      publicUrl: 'http://qgjob.test',
      maxTokenMs: 365 * 86_400_000,
      ...settings,
    },
  };
}

/** The operator: as an agent it serves all orgs, and it may speak for every lease. */
export const everyone = { owner: undefined, leaseId: undefined };

const dispatchers = new WeakMap<Deps, LeaseDispatcher>();

/** One lease request that does not wait. */
export function takeLease(deps: Deps, caller: AgentCaller, input: TakeLease): Promise<Lease | undefined> {
  const dispatcher = dispatchers.get(deps) ?? new LeaseDispatcher(deps, new WakeUps(), () => undefined);
  dispatchers.set(deps, dispatcher);
  const options = { waitMs: 0, signal: new AbortController().signal, recheck: async () => undefined };
  return dispatcher.lease({ caller, input }, options);
}

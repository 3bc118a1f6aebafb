import { expireQueued, poolsWithWork, queueDue } from '../queue/dispatch/index.ts';
import { replaceBatches } from '../queue/fleet/index.ts';
import { rescueExpired, rescueOverdue } from '../queue/leases/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { WakeUps } from '../queue/store/wake-ups.ts';
import { createLoop, type Loop } from './loop.ts';

type OnError = (loop: string) => (error: unknown) => void;

const tickMs = 1000;
const askAgainMs = 5000;

/** Queues what has waited long enough and ends what nobody took in time. */
export const createTicker = (deps: Deps, onError: OnError): Loop =>
  createLoop({
    name: 'ticker',
    intervalMs: tickMs,
    now: deps.now,
    onError: onError('ticker'),
    work: async () => {
      await queueDue(deps);
      await expireQueued(deps);
    },
  });

/** Lets idle devices choose again where work waits: an avoided device or an org's cap changes with time alone. */
export const createPoolWaker = (deps: Deps, wakeUps: WakeUps, onError: OnError): Loop =>
  createLoop({
    name: 'reasker',
    intervalMs: askAgainMs,
    now: deps.now,
    onError: onError('reasker'),
    work: async () => {
      for (const poolId of await poolsWithWork(deps)) wakeUps.wake(`pool:${poolId}`);
    },
  });

/**
 * Takes back the leases of agents that are gone, and of tests that hang. While the server was away or its database did
 * not take writes nobody could renew, so after a start and after an outage it waits one full TTL. `monotonic` in ms.
 */
export function createRescuer(deps: Deps, onError: OnError, monotonic = () => performance.now()): Loop {
  const { leaseTtlMs } = deps.settings;
  const intervalMs = Math.max(100, Math.round(leaseTtlMs / 6));
  const watchedSince = deps.now();
  let lastPass = monotonic();
  let quietUntil = lastPass + leaseTtlMs;
  deps.sql.onTrouble(() => {
    quietUntil = monotonic() + leaseTtlMs;
  });
  return createLoop({
    name: 'rescuer',
    intervalMs,
    now: deps.now,
    onError: onError('rescuer'),
    work: async () => {
      const now = monotonic();
      // A pass that comes this late means that the whole process stood still.
      if (now - lastPass > intervalMs * 3) quietUntil = now + leaseTtlMs;
      lastPass = now;
      if (now < quietUntil) return;
      await rescueExpired(deps);
      await rescueOverdue(deps, watchedSince);
      await replaceBatches(deps);
    },
  });
}

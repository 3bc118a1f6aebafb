import type { Deps } from '../queue/deps.ts';
import type { Doorbell } from '../queue/doorbell.ts';
import { placeOrphanedBatches, rescueExpired } from '../queue/rescue.ts';
import { expireQueued, poolsWithWork, queueDue } from '../queue/tick.ts';
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
export const createReasker = (deps: Deps, bell: Doorbell, onError: OnError): Loop =>
  createLoop({
    name: 'reasker',
    intervalMs: askAgainMs,
    now: deps.now,
    onError: onError('reasker'),
    work: async () => {
      for (const poolId of await poolsWithWork(deps)) bell.ring(`pool:${poolId}`);
    },
  });

/**
 * Takes back the leases of agents that are gone. After a boot it waits one full TTL: while the server was away nobody
 * could renew.
 */
export const createRescuer = (deps: Deps, onError: OnError): Loop =>
  createLoop({
    name: 'rescuer',
    intervalMs: Math.max(100, Math.round(deps.settings.leaseTtlMs / 6)),
    firstAfterMs: deps.settings.leaseTtlMs,
    now: deps.now,
    onError: onError('rescuer'),
    work: async () => {
      await rescueExpired(deps);
      await placeOrphanedBatches(deps);
    },
  });

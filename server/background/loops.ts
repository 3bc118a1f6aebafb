import { setTimeout as sleep } from 'node:timers/promises';
import type { Blobs } from '../blobs/open-blobs.ts';
import { settleBorrows } from '../queue/borrows/index.ts';
import { expireQueued, placeHunts, poolsWithWork, queueDue } from '../queue/dispatch/index.ts';
import { sumFigures } from '../queue/figures/index.ts';
import { replaceBatches } from '../queue/fleet/index.ts';
import { rescueExpired, rescueOverdue } from '../queue/leases/index.ts';
import { forgetDays, writeLedger } from '../queue/ledger/index.ts';
import { cancelUnwatched, goneAfterMs } from '../queue/runs/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { WakeUps } from '../queue/store/wake-ups.ts';
import { createLoop, type Loop } from './loop.ts';
import { Pruner, type PrunerOptions } from './pruner.ts';
import { createQuietTime } from './quiet-time.ts';

type OnError = (loop: string) => (error: unknown) => void;

/** How long what is kept. */
export type Retention = Omit<PrunerOptions, 'monotonic'>;

/** The loops of a server, not started yet. */
export const createLoops = (
  deps: Deps,
  wakeUps: WakeUps,
  blobs: Blobs,
  retention: Retention,
  onError: OnError,
): Loop[] => [
  createTicker(deps, onError),
  createPoolWaker(deps, wakeUps, onError),
  createRescuer(deps, onError),
  createWatcher(deps, onError),
  createFigures(deps, onError),
  createLedger(deps, onError),
  createPruner(deps, blobs, retention, onError),
];

const tickMs = 1000;
const wakePoolsMs = 5000;
const pruneMs = 200;

/** Queues the jobs whose wait is over, ends those that no device took in time, and ends and begins borrows. */
const createTicker = (deps: Deps, onError: OnError): Loop =>
  createLoop({
    name: 'ticker',
    intervalMs: tickMs,
    now: deps.now,
    onError: onError('ticker'),
    work: async () => {
      await queueDue(deps);
      await expireQueued(deps);
      await settleBorrows(deps);
      await placeHunts(deps);
    },
  });

/**
 * Lets idle devices choose again where jobs are queued: an avoided device may get a job once enough time has passed.
 */
const createPoolWaker = (deps: Deps, wakeUps: WakeUps, onError: OnError): Loop =>
  createLoop({
    name: 'reasker',
    intervalMs: wakePoolsMs,
    now: deps.now,
    onError: onError('reasker'),
    work: async () => {
      for (const poolId of await poolsWithWork(deps)) wakeUps.wake(`pool:${poolId}`);
    },
  });

/** Deletes what is too old or takes too much room: a little in each pass, so that no pass holds up anything. */
function createPruner(deps: Deps, blobs: Blobs, retention: Retention, onError: OnError): Loop {
  const pruner = new Pruner(deps, blobs, { ...retention, monotonic: () => performance.now() });
  return createLoop({
    name: 'pruner',
    intervalMs: pruneMs,
    firstAfterMs: 5000,
    now: deps.now,
    onError: onError('pruner'),
    work: () => pruner.pass(),
  });
}

/**
 * Expires the leases of agents that are gone and of tests that hang. While the server was down or its database was not
 * writable, no agent could renew; so after a start and after an outage it waits for one full TTL. `monotonic` is in ms.
 */
export function createRescuer(deps: Deps, onError: OnError, monotonic = () => performance.now()): Loop {
  const { leaseTtlMs } = deps.settings;
  const intervalMs = Math.max(100, Math.round(leaseTtlMs / 6));
  const watchedSince = deps.now();
  const isQuiet = createQuietTime(deps, { ms: leaseTtlMs, intervalMs, monotonic });
  return createLoop({
    name: 'rescuer',
    intervalMs,
    now: deps.now,
    onError: onError('rescuer'),
    work: async () => {
      if (isQuiet()) return;
      await rescueExpired(deps);
      await rescueOverdue(deps, watchedSince);
      await replaceBatches(deps);
    },
  });
}

const sumMs = 2000;
const stepsPerPass = 20;
const betweenStepsMs = 25;

/** Sums up what happened, a little at a time: nobody waits for it. */
const createFigures = (deps: Deps, onError: OnError): Loop =>
  createLoop({
    name: 'figures',
    intervalMs: sumMs,
    now: deps.now,
    onError: onError('figures'),
    work: async () => {
      for (let n = 0; n < stepsPerPass && (await sumFigures(deps)); n += 1) await sleep(betweenStepsMs);
    },
  });

const ledgerMs = 2000;
/** Of some 10 ms each: a day of 100 000 jobs takes minutes of it, and nothing else waits for it. */
const ledgerStepsPerPass = 8;

/** Counts how tests went, a little at a time. */
const createLedger = (deps: Deps, onError: OnError): Loop =>
  createLoop({
    name: 'ledger',
    intervalMs: ledgerMs,
    now: deps.now,
    onError: onError('ledger'),
    work: async () => {
      for (const step of [writeLedger, forgetDays])
        for (let n = 0; n < ledgerStepsPerPass && (await step(deps)); n += 1) await sleep(betweenStepsMs);
    },
  });

const watchMs = 5000;

/**
 * Cancels runs whose clients are gone, where their submit wanted that. After a start and an outage clients have as long as
 * ever to come back. `monotonic` is in ms.
 */
export function createWatcher(deps: Deps, onError: OnError, monotonic = () => performance.now()): Loop {
  const isQuiet = createQuietTime(deps, { ms: goneAfterMs, intervalMs: watchMs, monotonic });
  return createLoop({
    name: 'watcher',
    intervalMs: watchMs,
    now: deps.now,
    onError: onError('watcher'),
    work: async () => {
      if (!isQuiet()) await cancelUnwatched(deps);
    },
  });
}

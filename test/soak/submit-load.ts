import { setTimeout as sleep } from 'node:timers/promises';
import { randomFor, type Soak } from './soak-lab.ts';
import { SoakRun } from './soak-run.ts';

const actor = 1_000_000;
const mostJobs = 12;
/** More runs than so many are never open: a machine that is too slow for the pace is not to drown. */
const mostOpen = 150;
const lookMs = 100;

/** After a pause no more than so much is caught up, ms: a burst would be work of another life. */
const caughtUpMs = 1000;
/** So long after the load the last run must have ended: tests that hang and tries with pauses between are over by then. */
const boundMs = 300_000;

/**
 * Submits runs at a steady pace for the time of the soak or for its number of jobs, however long the server takes for them: an
 * open load up to many open runs. `stop` ends it before. Resolves when every run has ended and was seen so; those that have
 * not long after the load are problems.
 */
export async function submitLoad(soak: Soak, stop: AbortSignal): Promise<void> {
  const { options, began, ledger } = soak;
  const random = randomFor(soak, actor);
  const open = new Map<number, Promise<void>>();
  const most = options.jobs ?? Number.POSITIVE_INFINITY;
  const isOver = (jobs: number): boolean =>
    jobs >= most || (options.jobs === undefined && performance.now() - began >= options.seconds * 1000);
  let dueAt = began;
  for (let n = 0, jobs = 0; !isOver(jobs) && !stop.aborted; n += 1) {
    while ((open.size >= mostOpen || soak.isEvening) && !stop.aborted) {
      ledger.count('load held back, tenths of a second');
      await sleep(lookMs);
    }
    const size = random.between(1, Math.min(mostJobs, Math.ceil(most - jobs)));
    const run = new SoakRun(soak, n, random).play(size);
    open.set(n, run);
    void run.finally(() => open.delete(n));
    jobs += size;
    dueAt = Math.max(dueAt, performance.now() - caughtUpMs) + (size / options.jobsPerSecond) * 1000;
    const pauseMs = dueAt - performance.now();
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
  ledger.count('runs open when the load ended', open.size);
  await whenEnded([...open.values()], stop);
  if (stop.aborted) return;
  for (const n of open.keys())
    ledger.problem(`run ${n} was still open ${boundMs / 1000} s after the load had ended`);
}

/** Resolves when all have ended, or after the bound. */
async function whenEnded(runs: readonly Promise<void>[], stop: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([stop, ended.signal]);
  await Promise.race([Promise.all(runs), sleep(boundMs, undefined, { signal }).catch(() => undefined)]);
  ended.abort();
}

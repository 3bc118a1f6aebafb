import { setTimeout as sleep } from 'node:timers/promises';
import { randomFor, type Soak } from './soak-lab.ts';
import { SoakRun } from './soak-run.ts';

const actor = 1_000_000;
const mostJobs = 12;
/** More runs than so many are never open: a machine that is too slow for the pace is not to drown. */
const mostOpen = 150;
const lookMs = 100;

/**
 * Submits runs at a steady pace for the time of the soak or for its number of jobs, however long the server takes for them: an
 * open load up to many open runs. `stop` ends it before. Resolves when every run has ended and was seen so.
 */
export async function submitLoad(soak: Soak, stop: AbortSignal): Promise<void> {
  const { options, began, ledger } = soak;
  const random = randomFor(soak, actor);
  const open = new Set<Promise<void>>();
  const most = options.jobs ?? options.seconds * options.jobsPerSecond;
  for (let n = 0, jobs = 0; jobs < most && !stop.aborted; n += 1) {
    while ((open.size >= mostOpen || soak.isEvening) && !stop.aborted) {
      ledger.count('load held back, tenths of a second');
      await sleep(lookMs);
    }
    const size = random.between(1, Math.min(mostJobs, Math.ceil(most - jobs)));
    const run = new SoakRun(soak, n, random).play(size);
    open.add(run);
    void run.finally(() => open.delete(run));
    jobs += size;
    const pauseMs = began + (jobs / options.jobsPerSecond) * 1000 - performance.now();
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
  ledger.count('runs open when the load ended', open.size);
  await Promise.all(open);
}

import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { isDraining } from '../agent.ts';
import type { StopReason } from '../children/signal-ladder.ts';
import type { BatchProcess } from '../frameworks/batch.ts';
import type { LeaseWork } from './lease-work.ts';

/** How often it is looked whether the lease may still be ours. In ms. */
const lookMs = 1000;

interface Watched {
  /** Some test of it runs, or ran. */
  hasBegun(): boolean;
  /** Ends the whole process. */
  stop(why: StopReason): void;
}

/**
 * Ends a process when its lease is lost, or when no test begins in time. Leaves out the files that have not begun when
 * nothing new may start: at a drain, or while the server does not answer and may give the jobs to others. Answers what
 * ends the watch; that says whether the process was too late.
 */
export function watchBatch(
  work: LeaseWork,
  process: BatchProcess,
  jobs: readonly LeasedJob[],
  watched: Watched,
): () => 'late' | undefined {
  const { agent, live } = work;
  let isLate = false;
  let isLeftOut = false;
  const look = (): void => {
    if (isLeftOut || (agent.renewal.fresh() && !isDraining(agent))) return;
    isLeftOut = true;
    process.endRest();
  };
  const onLost = (): void => watched.stop('lost');
  const limit = setTimeout(
    () => {
      if (watched.hasBegun()) return;
      isLate = true;
      watched.stop('timeout');
    },
    loadLimit(work, jobs),
  );
  const looking = setInterval(look, lookMs);
  const drains = [agent.stop.drain, agent.intake.closed];
  for (const signal of drains) signal.addEventListener('abort', look);
  live.lost.addEventListener('abort', onLost);
  if (live.lost.aborted) onLost();
  look();
  return () => {
    clearInterval(looking);
    clearTimeout(limit);
    for (const signal of drains) signal.removeEventListener('abort', look);
    live.lost.removeEventListener('abort', onLost);
    return isLate ? 'late' : undefined;
  };
}

/** Web servers and set-ups before the first test are no test's time. In ms. */
function loadLimit({ agent }: LeaseWork, jobs: readonly LeasedJob[]): number {
  const { loadMs, setUpMs } = agent.timing;
  return Math.min(setUpMs, Math.max(loadMs, ...jobs.map((job) => job.timeout_ms)));
}

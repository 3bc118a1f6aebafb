import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { isDraining } from '../agent.ts';
import type { StopReason } from '../children/signal-ladder.ts';
import type { BatchProcess } from '../frameworks/batch.ts';
import type { LeaseWork } from './lease-work.ts';

/** How often it is looked whether the lease may still be ours. In ms. */
const lookMs = 1000;

interface Watched {
  /** When it last gave a sign, by the agent's clock; undefined while a test runs that has a limit of its own. */
  quietSince(): number | undefined;
  /** Ends the whole process. */
  stop(why: StopReason): void;
}

/**
 * Ends a process when its lease is lost, or when it is quiet for too long while none of its tests runs: before the first
 * one, or after the last. Leaves out the files that have not begun when nothing new may start: at a drain, or while the
 * server does not answer and may give the jobs to others. Answers what ends the watch.
 */
export function watchBatch(
  work: LeaseWork,
  process: BatchProcess,
  jobs: readonly LeasedJob[],
  watched: Watched,
): () => void {
  const { agent, live } = work;
  const quietMs = quietLimit(work, jobs);
  let isLeftOut = false;
  const look = (): void => {
    const since = watched.quietSince();
    if (since !== undefined && agent.now() - since > quietMs) watched.stop('timeout');
    if (isLeftOut || (agent.renewal.fresh() && !isDraining(agent))) return;
    isLeftOut = true;
    process.endRest();
  };
  const onLost = (): void => watched.stop('lost');
  const looking = setInterval(look, lookMs);
  const drains = [agent.stop.drain, agent.intake.closed];
  for (const signal of drains) signal.addEventListener('abort', look);
  live.lost.addEventListener('abort', onLost);
  if (live.lost.aborted) onLost();
  look();
  return () => {
    clearInterval(looking);
    for (const signal of drains) signal.removeEventListener('abort', look);
    live.lost.removeEventListener('abort', onLost);
  };
}

/** Web servers and set-ups before the first test, and what ends after the last, are no test's time. In ms. */
function quietLimit({ agent }: LeaseWork, jobs: readonly LeasedJob[]): number {
  const { loadMs, setUpMs } = agent.timing;
  return Math.min(setUpMs, Math.max(loadMs, ...jobs.map((job) => job.timeout_ms)));
}

import { huntQuarantined, settleHunts, tellEnds } from '../queue/hunts/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import { createLoop, type Loop } from './loop.ts';

const lookMs = 10_000;
const stepsPerPass = 20;

/**
 * Hunts quarantined tests by itself, `pauseMs` after the last time (undefined: never), and tells their owners. Every server of a
 * database runs it: what is done once is claimed by one statement, and told by the commit that writes it down.
 */
export function createQuarantineLoop(
  deps: Deps,
  pauseMs: number | undefined,
  onError: (error: unknown) => void,
): Loop {
  const hunt = async (): Promise<boolean> => pauseMs !== undefined && huntQuarantined(deps, pauseMs);
  return createLoop({
    name: 'quarantines',
    intervalMs: lookMs,
    now: deps.now,
    onError,
    async work() {
      await tellEnds(deps);
      for (const step of [() => settleHunts(deps), hunt])
        for (let n = 0; n < stepsPerPass && (await step()); n += 1);
    },
  });
}

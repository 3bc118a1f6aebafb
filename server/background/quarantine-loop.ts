import { endHunts, huntQuarantined, settleHunts, tellEnds } from '../queue/hunts/index.ts';
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
  const steps = [
    () => tellEnds(deps),
    () => endHunts(deps),
    () => settleHunts(deps, onError),
    async () => pauseMs !== undefined && huntQuarantined(deps, pauseMs, onError),
  ];
  return createLoop({
    name: 'quarantines',
    intervalMs: lookMs,
    now: deps.now,
    onError,
    work: () => tryAll(steps),
  });
}

/** Each step again while it says that there may be more. One that fails keeps no other from its work. */
async function tryAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const step of steps)
    try {
      for (let n = 0; n < stepsPerPass && (await step()) === true; n += 1);
    } catch (error) {
      failed.push(error);
    }
  if (failed.length > 1) throw new AggregateError(failed, failed.map(String).join('; '));
  if (failed.length > 0) throw failed[0];
}

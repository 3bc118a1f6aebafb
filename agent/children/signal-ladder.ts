import { setTimeout as sleep } from 'node:timers/promises';
import type { LadderTiming } from '../timing.ts';
import { signalGroup } from './processes.ts';

/** Why a child was stopped before it ended by itself. */
export const stopReasons = ['cancelled', 'timeout', 'lost', 'interrupted'] as const;
export type StopReason = (typeof stopReasons)[number];

export interface Rung {
  readonly signal: NodeJS.Signals;
  /** How long to wait for the child to end. */
  readonly waitMs: number;
}

/**
 * The signals for a reason, mildest first. At the framework's own signal it writes its report. The report of a lost
 * test is of no use, and an interrupted test gets no time for one.
 */
export function rungsFor(reason: StopReason, own: NodeJS.Signals, timing: LadderTiming): Rung[] {
  const term: Rung = { signal: 'SIGTERM', waitMs: timing.termMs };
  const kill: Rung = { signal: 'SIGKILL', waitMs: 0 };
  if (reason === 'interrupted') return [kill];
  if (reason === 'lost') return [term, kill];
  return [{ signal: own, waitMs: timing.ownMs }, term, kill];
}

/** Signals the group of `pid`, rung by rung, until `ended` aborts. */
export async function climbLadder(pid: number, rungs: readonly Rung[], ended: AbortSignal): Promise<void> {
  for (const { signal, waitMs } of rungs) {
    if (ended.aborted) return;
    signalGroup(pid, signal);
    await sleep(waitMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

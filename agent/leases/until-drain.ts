import type { Agent } from '../agent.ts';
import type { StopReason } from '../children/signal-ladder.ts';

/** Aborts as `stop` does, and with `reason` at a drain: what comes before tests need not be finished when none may start. */
export function untilDrain(
  agent: Pick<Agent, 'stop' | 'intake'>,
  stop: AbortSignal,
  reason: StopReason,
): AbortSignal {
  const drained = new AbortController();
  const onDrain = (): void => drained.abort(reason);
  for (const signal of [agent.stop.drain, agent.intake.closed]) {
    if (signal.aborted) onDrain();
    signal.addEventListener('abort', onDrain, { signal: drained.signal });
  }
  return AbortSignal.any([stop, drained.signal]);
}

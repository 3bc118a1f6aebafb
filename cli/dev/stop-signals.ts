import { say } from '../output/print.ts';

export interface StopSignals {
  /** The first SIGINT or SIGTERM. */
  readonly drain: AbortSignal;
  /** The second one. */
  readonly kill: AbortSignal;
  unhook(): void;
}

/** Two stages of a stop. A third signal ends the process as it would any. */
export function hookStopSignals(): StopSignals {
  const drain = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (drain.signal.aborted) {
      unhook();
      kill.abort();
    } else {
      say('stopping: running tests may end, a second signal stops them');
      drain.abort();
    }
  };
  // A terminal that was closed asks nobody for patience.
  const onHangUp = (): void => {
    drain.abort();
    kill.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on('SIGHUP', onHangUp);
  const unhook = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('SIGHUP', onHangUp);
  };
  return { drain: drain.signal, kill: kill.signal, unhook };
}

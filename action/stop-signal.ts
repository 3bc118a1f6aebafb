interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

// On a cancel the runner sends SIGINT, then SIGTERM. On Windows there is no SIGTERM: it presses Ctrl+C, then Ctrl+Break.
const signals = ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const;

/** Fires on the first signal; on a second one `exit` ends the process at once. */
export function stopSignal(process: Signals, exit: () => void): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) exit();
    stop.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  return stop.signal;
}

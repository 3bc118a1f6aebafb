import { exitCodes } from '../protocol/exit-codes.ts';
import { runMain } from './run-main.ts';
import { runPost } from './run-post.ts';
import { isPost, markMain } from './state.ts';

// The runner starts this file for the step and again after the job. On a cancel it sends SIGINT, then SIGTERM.
if (isPost()) {
  await runPost();
} else {
  markMain();
  await runMain(stopSignal());
}

/** Fires on the first signal; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.failed);
    stop.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return stop.signal;
}

import { exitCodes } from '../protocol/exit-codes.ts';
import { runMain } from './run-main.ts';
import { runPost } from './run-post.ts';
import { isPost, markMain } from './state.ts';
import { stopSignal } from './stop-signal.ts';

// The runner starts this file for the step and again after the job.
if (isPost()) {
  await runPost();
} else {
  markMain();
  await runMain(stopSignal(process, () => process.exit(exitCodes.failed)));
}

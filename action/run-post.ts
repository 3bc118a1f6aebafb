import * as core from '@actions/core';
import { cleanLine } from '../client/clean-lines.ts';
import { cancelRun, connect } from './connect.ts';
import { readToken } from './inputs/inputs.ts';
import { recallRun } from './state.ts';

/**
 * The post phase: cancels the run when the main phase did not see its end, because the workflow was cancelled or the
 * step was killed. It fails nothing: the step has its result already.
 */
export async function runPost(): Promise<void> {
  const run = recallRun();
  if (run === undefined) return;
  const runId = cleanLine(run.runId);
  try {
    await cancelRun(connect(run.serverUrl, readToken()), run.runId);
    core.info(`Run ${runId} is cancelled, unless it had ended by itself.`);
  } catch (error) {
    core.warning(`run ${runId} could not be cancelled: ${cleanLine((error as Error).message)}`);
  }
}

import * as core from '@actions/core';
import { createClient } from '../client/index.ts';
import { cancelRun, userAgent } from './connect.ts';
import { readToken } from './inputs/inputs.ts';
import { cleanLine } from './log/clean-lines.ts';
import { recallRun } from './state.ts';

/**
 * The post phase: cancels the run when the main phase ended without seeing it off. That repeats what the main phase
 * asked for, or does it where the step was killed. It fails nothing: the step has its result.
 */
export async function runPost(): Promise<void> {
  const run = recallRun();
  if (run === undefined) return;
  const runId = cleanLine(run.runId);
  try {
    await cancelRun(createClient({ url: run.serverUrl, token: readToken(), userAgent }), run.runId);
    core.info(`Run ${runId} is cancelled, unless it had ended by itself.`);
  } catch (error) {
    core.warning(`run ${runId} could not be cancelled: ${cleanLine((error as Error).message)}`);
  }
}

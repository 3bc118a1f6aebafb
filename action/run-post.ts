import * as core from '@actions/core';
import { cleanLine } from '../report/clean-lines.ts';
import { endChecks } from './checks/open-checks.ts';
import { cancelRun, connect } from './connect.ts';
import { readCredentials, readGithubToken } from './inputs/credentials.ts';
import { recallChecks, recallRun } from './state.ts';

/**
 * The post phase: cancels the run when the main phase did not see its end, because the workflow was cancelled or the
 * step was killed. It fails nothing: the step has its result already.
 */
export async function runPost(): Promise<void> {
  await cancelLeftRun();
  await endLeftChecks();
}

/** The check runs of a step that was killed, or that could not write them, would be in progress for ever. */
async function endLeftChecks(): Promise<void> {
  const checks = recallChecks();
  if (checks === undefined) return;
  const { repository, keys } = checks;
  const problem = await endChecks({ token: readGithubToken(), repository }, keys);
  if (problem !== undefined) core.info(`The check runs may still be in progress: ${problem}`);
}

async function cancelLeftRun(): Promise<void> {
  const run = recallRun();
  if (run === undefined) return;
  const runId = cleanLine(run.runId);
  try {
    await cancelRun(connect({ ...readCredentials(), serverUrl: run.serverUrl }), run.runId);
    core.info(`Run ${runId} is cancelled, unless it had ended by itself.`);
  } catch (error) {
    core.warning(`run ${runId} could not be cancelled: ${cleanLine((error as Error).message)}`);
  }
}

import * as core from '@actions/core';
import type { Client } from '../client/index.ts';
import { cleanLine } from '../report/clean-lines.ts';
import type { RunRecord } from '../report/run-record.ts';
import { type SubmitTrace, traceSettings, traceSubmit } from '../tracing/trace-submit.ts';
import { saveArtifacts } from './artifacts/save-artifacts.ts';
import { findSharedName } from './checks/shared-names.ts';
import { readEnvironment, variables } from './config.ts';
import { cancelRun, connect, leaveRun } from './connect.ts';
import { type Followed, followRun } from './follow/follow-run.ts';
import { readEarlier } from './follow/read-earlier.ts';
import { type Inputs, readInputs } from './inputs/inputs.ts';
import { withoutCommands } from './log/quiet-log.ts';
import { noRunOutputs, runOutputs, setOutputs, submitOutputs } from './report/outputs.ts';
import { readEvidence } from './report/read-evidence.ts';
import { reportEnd } from './report/report-end.ts';
import { startChecks } from './report/start-checks.ts';
import { readPayload, reportRuns } from './report-of/report-runs.ts';
import { forgetRun, rememberRun } from './state.ts';
import { type Plan, planSubmit } from './submit/plan-submit.ts';
import { submitRun } from './submit/submit-run.ts';

/**
 * The main phase: inputs → submit → wait → report. Fails the step on anything but success. `stop` fires when the
 * workflow is cancelled.
 */
export async function runMain(stop: AbortSignal): Promise<void> {
  try {
    const inputs = readInputs();
    if (inputs.reportOf !== '') return await reportOther(inputs, stop);
    const plan = await planSubmit(inputs, readEnvironment());
    await printPlan(plan, inputs);
    if (inputs.dryRun) setOutputs({ total: plan.body.tests.length * inputs.targets.length });
    else await traced((trace) => submitAndFollow(inputs, plan, trace, stop));
  } catch (error) {
    setOutputs(noRunOutputs(stop.aborted));
    const why = stop.aborted ? 'the workflow was cancelled before the run was submitted' : error;
    core.setFailed(cleanLine(why instanceof Error ? why.message : String(why)));
  }
}

async function reportOther(inputs: Inputs, stop: AbortSignal): Promise<void> {
  const [payload, { repository }] = [await readPayload(), readEnvironment()];
  await reportRuns({ client: connect(inputs), inputs, payload, repository, stop });
}

async function traced(work: (trace: SubmitTrace) => Promise<void>): Promise<void> {
  const trace = traceSubmit(traceSettings(variables()), 'qgjob-action');
  try {
    await work(trace);
  } finally {
    await trace.end();
  }
}

async function submitAndFollow(
  inputs: Inputs,
  plan: Plan,
  trace: SubmitTrace,
  stop: AbortSignal,
): Promise<void> {
  const client = connect(inputs);
  const record = await submitRun(client, plan, trace, stop);
  if (inputs.wait && inputs.onCancel === 'cancel') {
    rememberRun({ runId: record.run.run_id, serverUrl: inputs.serverUrl });
  }
  core.info(`Run ${cleanLine(record.run.run_id)}: ${cleanLine(record.run.url)}`);
  setOutputs(submitOutputs(record));
  const checks = startChecks(inputs, plan, record, stop);
  if (checks !== undefined) await warnOfSharedName(client, record, inputs, stop);
  if (!inputs.wait) core.info(whereReported(record));
  const followed = inputs.wait ? await waitToEnd(client, record, inputs, stop) : notWaited(record);
  const whole = await readEarlier(client, followed, plan.body, stop);
  // A cancelled step has no time for it.
  const evidence = stop.aborted ? undefined : await readEvidence(client, whole.record, stop);
  await reportEnd({ ...whole, evidence }, inputs, plan, checks);
  await saveArtifacts(client, whole, inputs, plan, stop);
}

/** Said before the wait, in which the runner reads no commands. */
async function warnOfSharedName(
  client: Client,
  { run }: RunRecord,
  { targets }: Inputs,
  stop: AbortSignal,
): Promise<void> {
  const shared = await findSharedName(client, run, targets, stop);
  if (shared === undefined) return;
  const { name, job } = shared;
  core.warning(
    cleanLine(
      `another use of this Action (job ${job}) writes the check run "${name}" too, so that the later one hides the other: give each a check-name of its own`,
    ),
  );
}

/** Where the verdict of a run that nobody waits for will be seen. */
const whereReported = ({ run }: RunRecord): string =>
  run.report_by === 'server'
    ? 'Not waiting: the verdict will be in the check run that the server writes at this commit.'
    : 'Not waiting: nothing will report the verdict to GitHub, since no GitHub App of the server reports this commit; it is at the address of the run.';

const notWaited = (record: RunRecord): Followed => ({ ending: 'submitted', record });

/** Waits for the run. `post` cancels it afterwards unless it is final or goes on by itself after a timeout. */
async function waitToEnd(
  client: Client,
  record: RunRecord,
  { timeoutMs, onCancel }: Inputs,
  stop: AbortSignal,
): Promise<Followed> {
  const followed = await followRun(client, record, { timeoutMs, stop });
  // Before anything that takes time: a step that is killed from here on keeps them.
  setOutputs(runOutputs(followed.record, followed.ending));
  if (followed.ending === 'stopped' && onCancel === 'cancel') await tryCancel(client, record.run.run_id);
  // After a timeout the run goes on: its user set the time. A run whose server is lost has nobody who waits for it.
  if (followed.ending === 'final' || followed.ending === 'timed_out') forgetRun();
  if (followed.ending === 'timed_out' && onCancel === 'cancel')
    await leaveRun(client, record.run.run_id, stop);
  return followed;
}

async function tryCancel(client: Client, runId: string): Promise<void> {
  try {
    await cancelRun(client, runId);
    core.info(`Asked the server to cancel run ${cleanLine(runId)}.`);
  } catch (error) {
    core.info(`Run ${cleanLine(runId)} could not be cancelled: ${cleanLine((error as Error).message)}`);
  }
}

/** Prints what will be submitted; a dry run lists every test. */
async function printPlan({ body, checkout, warnings }: Plan, inputs: Inputs): Promise<void> {
  for (const warning of warnings) core.warning(cleanLine(warning));
  const { tests } = body;
  const size = `${tests.length} test ${tests.length === 1 ? 'file' : 'files'} on ${inputs.targets.join(', ')}`;
  await withoutCommands((say) => {
    say(`${size}, app version ${body.app_version_id}`);
    say(sourceWords(inputs.source, checkout.sha));
    if (inputs.dryRun) for (const test of tests) say(test);
  });
  if (inputs.dryRun) core.info('dry-run: nothing was submitted.');
}

function sourceWords(source: Inputs['source'], sha: string | undefined): string {
  if (source === 'bundle') return 'The tests run from this checkout, changed and new files included.';
  return sha === undefined
    ? "There is no git checkout here, so the agent's workspace is taken as it is."
    : `The agent's workspace must stand at commit ${sha}.`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { createAgentClient } from '../../client/agent-client.ts';
import { type Client, isRetryable, waitForRun } from '../../client/index.ts';
import { isFinal } from '../../protocol/states.ts';
import { type Ack, type Clients, callMs, type Submit } from './clients.ts';
import type { PlannedRun } from './plan.ts';

/** How long a client tries again, ms: longer than several faults in a row on a busy host. */
const retryForMs = 120_000;
/** How long a client waits that does not try again, ms. */
const impatientMs = 500;

/** Submits the run at its time, waits for its end, and cancels what the plan says. */
export async function playRun(clients: Clients, planned: PlannedRun): Promise<void> {
  const { setup, tokens, record } = clients;
  await sleep(Math.max(0, setup.began + planned.atMs - performance.now()));
  const endpoint = { url: setup.publicLink.url, token: tokens.get(planned.orgId) };
  const client = createAgentClient(endpoint, { forMs: retryForMs });
  const submit: Submit = { key: planned.key, tests: planned.tests, acks: [] };
  record.submits.push(submit);
  await sendSubmits(clients, client, planned, submit);
  const [ack] = submit.acks;
  if (ack)
    await Promise.all([waitForEnd(clients, client, ack, submit), cancel(clients, client, ack, planned)]);
}

/** Sends the submit as the plan says, always with its one key. */
async function sendSubmits(
  clients: Clients,
  client: Client,
  planned: PlannedRun,
  submit: Submit,
): Promise<void> {
  const send = () => sendOnce(clients, client, planned, submit, callMs);
  if (planned.sent === 'impatiently') {
    await sendOnce(clients, client.with({ forMs: 0 }), planned, submit, impatientMs);
  } else if (planned.sent === 'twice') await Promise.all([send(), send()]);
  else await send();
  if (planned.sent === 'again') await send();
}

async function sendOnce(
  clients: Clients,
  client: Client,
  planned: PlannedRun,
  submit: Submit,
  timeoutMs: number,
): Promise<void> {
  try {
    const body = bodyOf(planned);
    const { run, jobs } = await client.call('submitRun', { body, idempotencyKey: planned.key, timeoutMs });
    submit.acks.push({ runId: run.run_id, jobIds: jobs.map((job) => job.job_id) });
    clients.observations.add(jobs);
  } catch (error) {
    // A submit without an answer may or may not have happened. A refusal is a problem.
    if (isRetryable(error)) return;
    clients.setup.problems.push(`submit ${planned.key} was refused: ${(error as Error).message}`);
  }
}

const bodyOf = ({ key, appVersionId, tests }: PlannedRun) => ({
  app_version_id: appVersionId,
  tests: [...tests],
  framework: 'command' as const,
  max_retries: 1,
  retry_failed_tests: 1,
  timeout_ms: 60_000,
  metadata: { key },
});

async function waitForEnd(clients: Clients, client: Client, { runId }: Ack, submit: Submit): Promise<void> {
  try {
    const { run, jobs } = await waitForRun(client, runId, {
      signal: clients.over,
      onChange: (_view, changed) => clients.observations.add(changed),
    });
    submit.waited = { status: run.status, jobs: [...jobs.values()] };
  } catch (error) {
    clients.setup.problems.push(`the wait for run ${runId} failed: ${(error as Error).message}`);
  }
}

/** A refused cancel is a problem; a server that is away is not. */
async function cancel(clients: Clients, client: Client, ack: Ack, { cancel }: PlannedRun): Promise<void> {
  if (!cancel) return;
  if (cancel.afterMs !== undefined) await sleep(cancel.afterMs);
  try {
    if (cancel.job === undefined) {
      await client.call('cancelRun', { params: { id: ack.runId }, timeoutMs: callMs });
    } else {
      await cancelJob(clients, client, ack.jobIds[cancel.job] ?? '', cancel.afterMs === undefined);
    }
  } catch (error) {
    if (isRetryable(error) || clients.over.aborted) return;
    clients.setup.problems.push(`a cancel was refused: ${(error as Error).message}`);
  }
}

/** Cancels a job, at once or as soon as it runs, and records the answer. */
async function cancelJob(clients: Clients, client: Client, id: string, whenItRuns: boolean): Promise<void> {
  if (whenItRuns) await untilItRuns(clients, client, id);
  const job = await client.call('cancelJob', { params: { id }, timeoutMs: callMs });
  clients.observations.add([job]);
  clients.record.cancels.push(job);
}

/** Resolves when the job was seen running or final. */
async function untilItRuns({ over }: Clients, client: Client, id: string): Promise<void> {
  let rev = 0;
  for (;;) {
    const job = await client.call('getJob', {
      params: { id },
      query: { after_rev: rev, wait_ms: callMs },
      timeoutMs: callMs * 2,
      signal: over,
    });
    if (job.status === 'running' || isFinal(job.status)) return;
    rev = job.rev;
  }
}

import { type Client, isRetryable } from '../../client/index.ts';
import { type Clients, callMs, type Submit } from './clients.ts';
import type { PlannedRun } from './plan.ts';

/** How long somebody waits who gives up at the first trouble. */
const hastyMs = 500;

/** Sends the run as often and as patiently as planned, always under its one key. */
export async function sendSubmits(
  crowd: Clients,
  client: Client,
  planned: PlannedRun,
  submit: Submit,
): Promise<void> {
  const send = () => sendOnce(crowd, client, planned, submit, callMs);
  if (planned.sent === 'impatiently') {
    await sendOnce(crowd, client.with({ forMs: 0 }), planned, submit, hastyMs);
  } else if (planned.sent === 'twice') await Promise.all([send(), send()]);
  else await send();
  if (planned.sent === 'again') await send();
}

async function sendOnce(
  crowd: Clients,
  client: Client,
  planned: PlannedRun,
  submit: Submit,
  timeoutMs: number,
): Promise<void> {
  try {
    const body = bodyOf(planned);
    const { run, jobs } = await client.call('submitRun', { body, idempotencyKey: planned.key, timeoutMs });
    submit.acks.push({ runId: run.run_id, jobIds: jobs.map((job) => job.job_id) });
    crowd.observations.add(jobs);
  } catch (error) {
    // A submit that was not acknowledged may have happened or not; one that was refused is wrong.
    if (isRetryable(error)) return;
    crowd.setup.problems.push(`submit ${planned.key} was refused: ${(error as Error).message}`);
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

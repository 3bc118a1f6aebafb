import { type Client, isRetryable } from '../../client/index.ts';
import { isFinal } from '../../protocol/states.ts';
import { type Clients, callMs } from './clients.ts';

/** Cancels a job, at once or as soon as it runs, and remembers the answer. */
export async function cancelJob(
  crowd: Clients,
  client: Client,
  id: string,
  whenItRuns: boolean,
): Promise<void> {
  await orProblem(crowd, async () => {
    if (whenItRuns) await untilItRuns(crowd, client, id);
    const job = await client.call('cancelJob', { params: { id }, timeoutMs: callMs });
    crowd.observations.add([job]);
    crowd.record.cancels.push(job);
  });
}

export async function cancelRun(crowd: Clients, client: Client, id: string): Promise<void> {
  await orProblem(crowd, () => client.call('cancelRun', { params: { id }, timeoutMs: callMs }));
}

/** Resolves when the job was seen running, or final. */
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

/** That a server is away is no reason to complain; that it refuses a cancel is. */
async function orProblem({ setup, over }: Clients, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isRetryable(error) || over.aborted) return;
    setup.problems.push(`a cancel was refused: ${(error as Error).message}`);
  }
}

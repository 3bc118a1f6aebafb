import type { Client } from '../../client/index.ts';
import type { Random } from '../support/random.ts';

/** What people and pages ask about a run and its jobs: lists, reasons, attempts, logs, files. */
export async function readAround(client: Client, random: Random, runId: string): Promise<void> {
  const { jobs } = await client.call('getRun', { params: { id: runId } });
  if (jobs.length === 0) return;
  const params = { id: random.pick(jobs).job_id };
  await client.call('listJobs', { query: { limit: 100 } });
  await client.call('explainJob', { params });
  await client.call('listDeadLetters', { query: { limit: 20 } });
  await client.call('getStats', { query: { window: '24h' } });
  const { attempts } = await client.call('listAttempts', { params });
  for (const { attempt } of attempts) await client.call('readLogs', { params, query: { attempt } });
  const { artifacts } = await client.call('listArtifacts', { params, query: {} });
  for (const { artifact_id } of artifacts) await client.call('getArtifact', { params: { id: artifact_id } });
}

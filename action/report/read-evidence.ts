import type { Client } from '../../client/index.ts';
import { Turns } from '../../client/turns.ts';
import { isBlob } from '../../protocol/artifact-names.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { RunRecord } from '../../report/run-record.ts';

const jobsAsked = 100;
const atOnce = 4;
const allMs = 20_000;

/**
 * What the server has beside the run: which device it was, and what failed attempts left. What it does not answer in time is left out,
 * and so is all that is not there when the workflow is cancelled.
 */
export async function readEvidence(
  client: Client,
  { run, jobs }: RunRecord,
  stop?: AbortSignal,
): Promise<Evidence> {
  const failed = jobs.filter(
    ({ status, attempt }) => attempt > 0 && (status === 'failed' || status === 'errored'),
  );
  const time = AbortSignal.timeout(allMs);
  const signal = stop === undefined ? time : AbortSignal.any([time, stop]);
  const turns = new Turns(atOnce);
  const [devices, files] = await Promise.all([
    failed.length === 0 ? new Map<string, string>() : readDeviceNames(client, signal),
    Promise.all(
      failed
        .slice(0, jobsAsked)
        .map(async (job) => [job.job_id, await turns.run(() => readFiles(client, job, signal))] as const),
    ),
  ]);
  return { site: run.url.replace(/\/v1\/runs\/[^/]*$/, ''), devices, files: new Map(files) };
}

/** The files of the job's last attempt. */
async function readFiles(client: Client, job: Job, signal: AbortSignal): Promise<Artifact[]> {
  const asked = { params: { id: job.job_id }, query: { limit: 100 }, signal };
  const answer = await client.call('listArtifacts', asked).catch(() => undefined);
  return answer?.artifacts.filter((one) => one.attempt === job.attempt && !isBlob(one)) ?? [];
}

/** `rack-1/pixel-8` by the id of the device. */
export async function readDeviceNames(
  client: Client,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const query = { limit: 100 };
  const [agents, devices] = await Promise.all([
    client.call('listAgents', { query, signal }).catch(() => undefined),
    client.call('listDevices', { query, signal }).catch(() => undefined),
  ]);
  const names = new Map((agents?.agents ?? []).map((agent) => [agent.agent_id, agent.name]));
  return new Map(
    (devices?.devices ?? []).map((device) => {
      const agent = names.get(device.agent_id);
      return [device.device_id, agent === undefined ? device.name : `${agent}/${device.name}`];
    }),
  );
}

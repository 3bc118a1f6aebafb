import { isBlob } from '../../../protocol/artifact-names.ts';
import type { Evidence } from '../../../protocol/evidence.ts';
import type { Artifact } from '../../../protocol/shapes/artifact.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { listArtifacts } from '../attempts/index.ts';
import type { Deps } from '../store/deps.ts';

const jobsAsked = 100;

/** Of the jobs that failed or have no verdict, the first hundred. */
export async function readEvidence(deps: Deps, jobs: readonly Job[]): Promise<Evidence> {
  const open = jobs.filter(
    ({ status, attempt }) => attempt > 0 && (status === 'failed' || status === 'errored'),
  );
  const asked = open.slice(0, jobsAsked);
  const files = new Map<string, readonly Artifact[]>();
  for (const job of asked) files.set(job.job_id, await filesOf(deps, job));
  return { site: deps.settings.publicUrl, devices: await deviceNames(deps, asked), files };
}

/** Without what only makes a page of the run. */
async function filesOf(deps: Deps, job: Job): Promise<Artifact[]> {
  const { artifacts } = await listArtifacts(deps, job.job_id, { limit: jobsAsked }, { orgId: job.org_id });
  return artifacts.filter((one) => one.attempt === job.attempt && !isBlob(one));
}

/** SEARCH d, a BY PRIMARY KEY */
async function deviceNames(deps: Deps, jobs: readonly Job[]): Promise<Map<string, string>> {
  const ids = [...new Set(jobs.flatMap(({ device_id: id }) => (id === null ? [] : [id])))];
  const rows = await deps.sql.read(
    `SELECT d.id, a.name || '/' || d.name AS name FROM json_each(?) i CROSS JOIN devices d ON d.id = i.value
       CROSS JOIN agents a ON a.id = d.agent_id`,
    [JSON.stringify(ids)],
  );
  return new Map(rows.map(({ id, name }) => [String(id), String(name)]));
}

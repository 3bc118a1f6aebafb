import type { Artifact } from '../../../protocol/shapes/artifact.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { listArtifacts } from '../attempts/index.ts';
import type { Deps } from '../store/deps.ts';

/** What is known of jobs beside their verdicts. */
export interface JobEvidence {
  /** Address of the server. */
  readonly site: string;
  /** `rack-1/pixel-8` by the id of the device. */
  readonly devices: ReadonlyMap<string, string>;
  /** What the last attempt left, by the id of the job. */
  readonly files: ReadonlyMap<string, readonly Artifact[]>;
}

const jobsAsked = 100;

/** Of the jobs that failed or have no verdict, the first hundred. */
export async function readEvidence(deps: Deps, jobs: readonly Job[]): Promise<JobEvidence> {
  const open = jobs.filter(
    ({ status, attempt }) => attempt > 0 && (status === 'failed' || status === 'errored'),
  );
  const asked = open.slice(0, jobsAsked);
  const files = new Map<string, readonly Artifact[]>();
  for (const job of asked) files.set(job.job_id, await filesOf(deps, job));
  return { site: deps.settings.publicUrl, devices: await deviceNames(deps, asked), files };
}

async function filesOf(deps: Deps, job: Job): Promise<Artifact[]> {
  const { artifacts } = await listArtifacts(deps, job.job_id, { limit: jobsAsked }, { orgId: job.org_id });
  return artifacts.filter(({ attempt }) => attempt === job.attempt);
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

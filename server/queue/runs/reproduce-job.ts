import { mayBeSecret } from '../../../protocol/may-be-secret.ts';
import type { Repro } from '../../../protocol/shapes/repro.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import type { Deps } from '../store/deps.ts';
import { findJob } from '../store/read-job.ts';
import type { Viewer } from '../store/viewer.ts';
import { findRun } from './read-run.ts';

type Settings = Pick<SubmitRun, 'source' | 'params' | 'grep'>;

/** What it takes to run the test of a job on another machine. Errors: `not_found`. */
export async function reproduceJob(deps: Deps, id: string, viewer: Viewer): Promise<Repro> {
  const job = await findJob(deps, id, viewer);
  const run = await findRun(deps, job.runId, viewer);
  const { source, params = {}, grep = null } = JSON.parse(run.settings) as Settings;
  const [open, hidden] = [false, true].map((which) =>
    Object.entries(params).filter(([name, value]) => mayBeSecret(name, value) === which),
  );
  return {
    ...{ job_id: job.id, run_id: job.runId, org_id: job.orgId, app_version_id: job.appVersionId },
    ...{
      test_path: job.testPath,
      target: job.target,
      framework: (job.framework || null) as Repro['framework'],
    },
    source: source ? { ...nothing, ...source } : null,
    params: Object.fromEntries(open ?? []),
    withheld: (hidden ?? []).map(([name]) => name).sort(),
    grep,
    timeout_ms: job.timeoutMs,
  };
}

const nothing = { sha256: null, repository: null, sha: null, subdir: null };

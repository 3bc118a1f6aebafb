import type { RunRef } from '../../../protocol/shapes/explain.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import type { Deps } from '../store/deps.ts';
import type { RunRow } from '../store/rows.ts';
import { runLine } from '../store/run-line.ts';
import { toInstant } from '../store/to-wire.ts';

/** When a file began to fail, and the run before that. */
export interface Start {
  /** The first of the runs in a row in which it failed; undefined: it passed in the one before, or none before had it. */
  readonly since?: RunRef;
  readonly passedIn?: RunRef;
}

/** So many runs of the org are looked at, so many of the same branch, and so many jobs of these. */
const mostRunsOfOrg = 500;
const mostRuns = 20;
const mostJobs = 20_000;

/** The commit whose tests ran (SQL of a run's row): GitHub's word, or the submit's own. */
const commit = `coalesce(github ->> '$.code_sha', github_sha, settings ->> '$.source.sha')`;

/**
 * The finished runs, no hunts, of the same branch or pull request before this one, newest first, and how many jobs they had. SEARCH
 * runs USING INDEX runs_org (org_id=? AND id<?), 500 rows at most.
 */
const runsSql = `SELECT id, app_version_id, submitted_at, ${commit} AS sha,
    waiting + queued + scheduled + running + passed + failed + errored + cancelled AS jobs
  FROM (SELECT * FROM runs WHERE org_id = ?1 AND id < ?2 AND hunt_times IS NULL ORDER BY id DESC LIMIT ${mostRunsOfOrg})
  WHERE finished_at IS NOT NULL AND ${runLine} = (SELECT ${runLine} FROM runs WHERE id = ?2)
  ORDER BY id DESC LIMIT ${mostRuns}`;

/** How these files ended in these runs. SEARCH j USING INDEX jobs_run (run_id=?) for each run. */
const endsSql = `SELECT j.run_id, j.test_path, j.target, j.status
  FROM json_each(?1) r CROSS JOIN jobs j ON j.run_id = r.value
  WHERE j.status IN ('passed', 'failed') AND (j.test_path, j.target) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))`;

/** By job: since when its file fails on this branch, by the runs that are still there. */
export async function readStarts(
  deps: Deps,
  run: RunRow,
  jobs: readonly Job[],
): Promise<ReadonlyMap<string, Start>> {
  const failed = jobs.filter(({ status }) => status === 'failed');
  const runs = failed.length === 0 ? [] : await readEarlierRuns(deps, run);
  if (runs.length === 0) return new Map();
  const files = failed.map(({ test_path, target }) => [test_path, target]);
  const rows = await deps.sql.read(endsSql, [
    JSON.stringify(runs.map((one) => one.run_id)),
    JSON.stringify(files),
  ]);
  const ends = new Map(rows.map((row) => [keyOf(row.run_id, row.test_path, row.target), String(row.status)]));
  return new Map(
    failed.map(({ job_id, test_path, target }) => [
      job_id,
      startIn(runs, ({ run_id }) => ends.get(keyOf(run_id, test_path, target))),
    ]),
  );
}

const keyOf = (...parts: unknown[]): string => JSON.stringify(parts);

/** Runs in which the file has no verdict say nothing. */
function startIn(runs: readonly RunRef[], statusIn: (run: RunRef) => string | undefined): Start {
  let since: RunRef | undefined;
  for (const run of runs) {
    const status = statusIn(run);
    if (status === 'passed') return { ...(since && { since }), passedIn: run };
    if (status === 'failed') since = run;
  }
  return { ...(since && { since }) };
}

async function readEarlierRuns(deps: Deps, { orgId, id }: RunRow): Promise<RunRef[]> {
  const rows = await deps.sql.read(runsSql, [orgId, id]);
  let jobs = 0;
  const fits = rows.findIndex((row) => {
    jobs += Number(row.jobs);
    return jobs > mostJobs;
  });
  return rows.slice(0, fits < 0 ? undefined : Math.max(1, fits)).map((row) => ({
    run_id: String(row.id),
    commit: row.sha === null ? null : String(row.sha),
    app_version_id: String(row.app_version_id),
    submitted_at: toInstant(Number(row.submitted_at)),
  }));
}

/** The commit whose tests a run runs; null where the submit named none. */
export function commitOf({ github, githubSha, settings }: RunRow): string | null {
  const { code_sha: code } = JSON.parse(github ?? '{}') as { code_sha?: string };
  const { source } = JSON.parse(settings) as { source?: { sha?: string } };
  return code ?? githubSha ?? source?.sha ?? null;
}

import { limits } from '../../../protocol/limits.ts';
import type { Job, JobFilters, JobList } from '../../../protocol/shapes/job.ts';
import type { RunFilters, RunList } from '../../../protocol/shapes/run.ts';
import { and, desc, eq, inArray, lt, type SQL } from '../../db/drizzle.ts';
import { groups, jobs, runs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toPage } from '../store/page.ts';
import { toJob, toRun } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';

/** `completed` is the name of the status passed in earlier systems. */
const statusOf = (status: string | undefined) => (status === 'completed' ? 'passed' : status);

const conditions = (given: readonly (SQL | false | undefined)[]) =>
  and(...given.filter((one) => one !== false));

const same = <T>(column: T, value: string | undefined) =>
  value !== undefined && eq(column as typeof jobs.orgId, value);

/** Jobs, newest first; the cursor is the seq of the last one. */
export async function listJobs(deps: Deps, filters: JobFilters, viewer: Viewer): Promise<JobList> {
  const limit = filters.limit ?? limits.pageSize;
  const found = await deps.db
    .select()
    .from(jobs)
    .where(
      conditions([
        same(jobs.orgId, viewer.orgId ?? filters.org_id),
        same(jobs.status, statusOf(filters.status)),
        inGroups(deps, filters, viewer),
        same(jobs.target, filters.target),
        same(jobs.runId, filters.run_id),
        same(jobs.agentId, filters.agent_id),
        filters.cursor !== undefined && lt(jobs.seq, Number(filters.cursor)),
      ]),
    )
    .orderBy(desc(jobs.seq))
    .limit(limit + 1)
    .offset(filters.offset ?? 0);
  const { rows, nextCursor } = toPage(found, limit, ({ seq }) => String(seq));
  return { jobs: rows.map((row): Job => toJob(row)), next_cursor: nextCursor };
}

/** The filter by app version goes by groups, which have an index on jobs; else all jobs of the org would be read. */
function inGroups(deps: Deps, filters: JobFilters, viewer: Viewer): SQL | false {
  if (filters.app_version_id === undefined) return false;
  const ids = deps.db
    .select({ id: groups.id })
    .from(groups)
    .where(
      conditions([
        same(groups.orgId, viewer.orgId ?? filters.org_id),
        same(groups.appVersionId, filters.app_version_id),
        same(groups.target, filters.target),
      ]),
    );
  return inArray(jobs.groupId, ids);
}

/** Runs, newest first: ids sort by time. */
export async function listRuns(deps: Deps, filters: RunFilters, viewer: Viewer): Promise<RunList> {
  const limit = filters.limit ?? limits.pageSize;
  const found = await deps.db
    .select()
    .from(runs)
    .where(
      conditions([
        same(runs.orgId, viewer.orgId ?? filters.org_id),
        same(runs.status, statusOf(filters.status)),
        same(runs.appVersionId, filters.app_version_id),
        filters.github_run_id !== undefined && eq(runs.githubRunId, Number(filters.github_run_id)),
        filters.cursor !== undefined && lt(runs.id, filters.cursor),
      ]),
    )
    .orderBy(desc(runs.id))
    .limit(limit + 1)
    .offset(filters.offset ?? 0);
  const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
  return { runs: rows.map((row) => toRun(row, deps.settings.publicUrl)), next_cursor: nextCursor };
}

import { and, desc, eq, inArray, lt, type SQL } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Job, JobFilters, JobList } from '../../../protocol/shapes/job.ts';
import type { RunFilters, RunList } from '../../../protocol/shapes/run.ts';
import { groups, jobs, runs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toJob, toRun } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';

/** The status that earlier systems called `completed` is passed. */
const statusOf = (status: string | undefined) => (status === 'completed' ? 'passed' : status);

const conditions = (given: readonly (SQL | false | undefined)[]) =>
  and(...given.filter((one) => one !== false));

const same = <T>(column: T, value: string | undefined) =>
  value !== undefined && eq(column as typeof jobs.orgId, value);

/** Jobs, newest first. Errors: `invalid` for a cursor that was not answered by this list. */
export async function listJobs(deps: Deps, filters: JobFilters, viewer: Viewer): Promise<JobList> {
  const limit = filters.limit ?? limits.pageSize;
  const rows = await deps.db
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
        filters.cursor !== undefined && lt(jobs.seq, seqOf(filters.cursor)),
      ]),
    )
    .orderBy(desc(jobs.seq))
    .limit(limit + 1)
    .offset(filters.offset ?? 0);
  const page = rows.slice(0, limit);
  return {
    jobs: page.map((row): Job => toJob(row)),
    next_cursor: rows.length > limit ? String(page.at(-1)?.seq) : null,
  };
}

/** An app version is found by its groups, so that its jobs are found by their index and not among all of the org's. */
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

/** Runs, newest first: their ids are sortable by time. */
export async function listRuns(deps: Deps, filters: RunFilters, viewer: Viewer): Promise<RunList> {
  const limit = filters.limit ?? limits.pageSize;
  const rows = await deps.db
    .select()
    .from(runs)
    .where(
      conditions([
        same(runs.orgId, viewer.orgId ?? filters.org_id),
        same(runs.status, statusOf(filters.status)),
        same(runs.appVersionId, filters.app_version_id),
        filters.cursor !== undefined && lt(runs.id, filters.cursor),
      ]),
    )
    .orderBy(desc(runs.id))
    .limit(limit + 1)
    .offset(filters.offset ?? 0);
  const page = rows.slice(0, limit);
  return {
    runs: page.map((row) => toRun(row, deps.settings.publicUrl)),
    next_cursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** The place that a cursor of a list of jobs names. Errors: `invalid`. */
export function seqOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new QgjobError('invalid', 'cursor: use the next_cursor of the page before, as it is');
}

import { limits } from '../../../protocol/limits.ts';
import type { PageQuery } from '../../../protocol/shapes/fleet.ts';
import type { JobList } from '../../../protocol/shapes/job.ts';
import { and, desc, eq, lt, sql } from '../../db/drizzle.ts';
import { jobs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { huntPriority } from '../store/hunt-priority.ts';
import { toPage } from '../store/page.ts';
import { toJob } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';

/** No later run has retried the job. SEARCH runs USING INDEX runs_retry, SEARCH jobs USING INDEX jobs_run. */
const notRetried = sql`NOT EXISTS (SELECT 1 FROM runs r CROSS JOIN jobs again ON again.run_id = r.id
  WHERE r.retry_of = ${jobs.runId} AND again.test_path = ${jobs.testPath} AND again.target = ${jobs.target})`;

/** Else the jobs of all orgs would be read from the newest on, however few of them ended red. SCAN dead USING INDEX jobs_dead */
const ofAllOrgs = sql`${jobs.seq} IN (SELECT dead.seq FROM jobs dead INDEXED BY jobs_dead WHERE dead.status IN ('failed', 'errored'))`;

/**
 * Jobs that ended as failed or errored and that no later run has retried; newest first. The cursor is the seq of the
 * last one. For an org SEARCH jobs USING INDEX jobs_dead (org_id=?).
 */
export async function listDeadLetters(deps: Deps, query: PageQuery, viewer: Viewer): Promise<JobList> {
  const limit = query.limit ?? limits.pageSize;
  const orgId = viewer.orgId ?? query.org_id;
  const found = await deps.db
    .select()
    .from(jobs)
    .where(
      and(
        orgId === undefined ? ofAllOrgs : eq(jobs.orgId, orgId),
        // The same text as in the index, else SQLite does not use it.
        sql`status IN ('failed', 'errored')`,
        query.cursor === undefined ? undefined : lt(jobs.seq, Number(query.cursor)),
        notRetried,
        // What fails in a hunt is what it was made for.
        sql`${jobs.priority} > ${huntPriority}`,
      ),
    )
    .orderBy(desc(jobs.seq))
    .limit(limit + 1)
    .offset(query.offset ?? 0);
  const { rows, nextCursor } = toPage(found, limit, ({ seq }) => String(seq));
  return { jobs: rows.map((row) => toJob(row)), next_cursor: nextCursor };
}

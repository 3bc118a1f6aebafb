import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { limits } from '../../../protocol/limits.ts';
import type { PageQuery } from '../../../protocol/shapes/fleet.ts';
import type { JobList } from '../../../protocol/shapes/job.ts';
import { jobs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toJob } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';
import { seqOf } from './list-runs.ts';

/** A later run took this job up again: SEARCH runs USING INDEX runs_retry, SEARCH jobs USING INDEX jobs_run. */
const notRetried = sql`NOT EXISTS (SELECT 1 FROM runs r CROSS JOIN jobs again ON again.run_id = r.id
  WHERE r.retry_of = ${jobs.runId} AND again.test_path = ${jobs.testPath} AND again.target = ${jobs.target})`;

/**
 * Jobs that ended errored, or failed with their retries spent, and were not taken up by a retry; newest first. For an
 * org SEARCH jobs USING INDEX jobs_dead (org_id=?). Errors: `invalid` for a cursor that is none.
 */
export async function listDeadLetters(deps: Deps, query: PageQuery, viewer: Viewer): Promise<JobList> {
  const limit = query.limit ?? limits.pageSize;
  const orgId = viewer.orgId ?? query.org_id;
  const rows = await deps.db
    .select()
    .from(jobs)
    .where(
      and(
        orgId === undefined ? undefined : eq(jobs.orgId, orgId),
        // To the letter as the index says it.
        sql`status IN ('failed', 'errored')`,
        query.cursor === undefined ? undefined : lt(jobs.seq, seqOf(query.cursor)),
        notRetried,
      ),
    )
    .orderBy(desc(jobs.seq))
    .limit(limit + 1)
    .offset(query.offset ?? 0);
  const page = rows.slice(0, limit);
  return {
    jobs: page.map((row) => toJob(row)),
    next_cursor: rows.length > limit ? String(page.at(-1)?.seq) : null,
  };
}

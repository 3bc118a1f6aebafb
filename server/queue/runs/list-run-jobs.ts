import type { InArgs } from '@libsql/client';
import type { JobStatus } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import { type JobRow, jobJson, listOf, type RunRow, readList, toJobRow } from '../store/rows.ts';

/** What a page of a run is limited to. */
export interface RunJobsQuery {
  /** `new` and `known`: failures that the base branch does not have, and that it has. */
  readonly show?: JobStatus | 'flaky' | 'new' | 'known' | undefined;
  /** A part of the test's path, in any case. */
  readonly text?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** A job of a run, with what its page says beside it. */
export interface RunJob {
  readonly job: JobRow;
  /** `rack-1/pixel-8` of its last attempt; undefined before the first, and for a device that is gone. */
  readonly device: string | undefined;
  /** What four of five runs of the test take at most, ms. */
  readonly usualMs: number | undefined;
}

/** What needs somebody first: failures, those that are known or in quarantine behind the others; what goes on; what passed only at last. */
const rank = `CASE
  WHEN j.status IN ('failed', 'errored') THEN iif(j.known_failure = 1 OR j.quarantines IS NOT NULL, 1, 0)
  WHEN j.status = 'running' THEN 2 WHEN j.status = 'scheduled' THEN 3 WHEN j.status = 'waiting' THEN 4
  WHEN j.status = 'queued' THEN 5 WHEN j.outcome = 'flaky' THEN 6 WHEN j.status = 'passed' THEN 7 ELSE 8 END`;

const conditions: Readonly<Record<string, string>> = {
  flaky: `AND j.outcome = 'flaky'`,
  new: `AND j.status IN ('failed', 'errored') AND j.known_failure IS NOT 1 AND j.quarantines IS NULL`,
  known: 'AND j.known_failure = 1',
};

const allJobs = 'j.run_id = ?1';
/** SEARCH k USING COVERING INDEX jobs_run_path (run_id=?): a third of what it takes to read the jobs themselves. */
const jobsWithText = `j.seq IN (SELECT k.seq FROM jobs k INDEXED BY jobs_run_path
  WHERE k.run_id = ?1 AND instr(lower(k.test_path), ?2) > 0)`;

/**
 * The rows are put in order by their numbers alone, and only those of the page are read whole. SEARCH j USING INDEX jobs_run
 * (run_id=?): about 4 ms for a run of 10 000 jobs.
 */
const pageSql = (jobs: string, filter: string) =>
  listOf(
    `json_array(d.name, a.name, u.p80_ms, ${jobJson('j')})`,
    `FROM (SELECT p.* FROM (SELECT j.seq, ${rank} AS rank FROM jobs j WHERE ${jobs} ${filter}) p ORDER BY p.rank, p.seq LIMIT ?3 OFFSET ?4) p
    CROSS JOIN jobs j ON j.seq = p.seq
    LEFT JOIN devices d ON d.id = j.device_id LEFT JOIN agents a ON a.id = d.agent_id
    LEFT JOIN durations u ON u.org_id = j.org_id AND u.repository_id = ?5 AND u.target = j.target
      AND u.test_path = j.test_path`,
  );

type Row = [device: string | null, agent: string | null, usualMs: number | null, job: unknown[]];

/** Jobs of a run, those first that somebody should look at. `isMore`: there are others behind them. */
export async function listRunJobs(
  deps: Deps,
  run: Pick<RunRow, 'id' | 'repositoryId'>,
  { show, text = '', offset, limit }: RunJobsQuery,
): Promise<{ readonly jobs: readonly RunJob[]; readonly isMore: boolean }> {
  const filter = show === undefined ? '' : (conditions[show] ?? 'AND j.status = ?6');
  const args: InArgs = [run.id, text.toLowerCase(), limit + 1, offset, run.repositoryId];
  const rows = await readList<Row>(
    deps,
    pageSql(text === '' ? allJobs : jobsWithText, filter),
    filter.includes('?6') ? [...args, show ?? ''] : args,
  );
  const jobs = rows.slice(0, limit).map(([device, agent, usualMs, job]) => ({
    job: toJobRow(job),
    device: device === null ? undefined : agent === null ? device : `${agent}/${device}`,
    usualMs: usualMs ?? undefined,
  }));
  return { jobs, isMore: rows.length > limit };
}

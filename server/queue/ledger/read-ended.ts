import { createHash } from 'node:crypto';
import { finalJobStatuses } from '../../../protocol/states.ts';
import { quoteList } from '../../db/sql-list.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import type { FileIdentity } from './test-identity.ts';

/** A job that is final. */
export interface EndedJob extends FileIdentity {
  readonly jobId: string;
  readonly runId: string;
  /** When it ended, epoch ms. */
  readonly at: number;
  /** Equal for jobs that ran the same code on the same app. */
  readonly source: string;
  /** It is one execution of a hunt. */
  readonly isHunt: boolean;
}

/** So many events are read at once, so many jobs and about so many bytes of their cases are taken of them: a step of some 10 ms. */
const eventsPerStep = 1000;
const jobsPerStep = 250;
const bytesPerStep = 256 * 1024;

/**
 * The source of a job: that of its batch, where the submit names code that cannot change (a bundle, a commit); else its run alone,
 * since a workspace may have been edited between two runs.
 */
const sourceSql = `CASE WHEN r.settings ->> '$.source.kind' = 'bundle' OR r.settings ->> '$.source.sha' IS NOT NULL
    THEN b.source_hash ELSE 'run:' || r.id END`;

/**
 * The events after ?1, each with its job where that became final. SEARCH events USING INTEGER PRIMARY KEY (rowid>?), j and b
 * USING INTEGER PRIMARY KEY, r USING INDEX sqlite_autoindex_runs_1 (id=?), a USING PRIMARY KEY (job_id=?)
 */
const endedSql = listOf(
  `json_array(seq, at, job_id, run_id, org_id, repository_id, target, test_path, app_version_id, source, bytes,
    hunted)`,
  `FROM (SELECT e.seq, e.at, j.id AS job_id, j.run_id, j.org_id, r.repository_id, j.target, j.test_path, j.app_version_id,
      ${sourceSql} AS source, r.hunt_times IS NOT NULL AS hunted,
      (SELECT sum(octet_length(a.tests)) FROM attempts a WHERE a.job_id = j.id) AS bytes
    FROM events e
      LEFT JOIN jobs j ON e.was IS NOT NULL AND e.type IN ${quoteList(finalJobStatuses)} AND j.seq = e.job_seq
      LEFT JOIN runs r ON r.id = j.run_id LEFT JOIN batches b ON b.id = j.batch_id
    WHERE e.seq > ?1 ORDER BY e.seq LIMIT ${eventsPerStep})`,
);

type Row = [
  seq: number,
  at: number,
  jobId: string | null,
  runId: string,
  orgId: string,
  repositoryId: string | null,
  target: string,
  testPath: string,
  appVersionId: string,
  source: string | null,
  bytes: number | null,
  hunted: number,
];

/** Jobs that became final after the event `seq`, and up to which event that is. A job of a run that is being deleted is left out. */
export async function readEnded(
  deps: Pick<Deps, 'sql'>,
  seq: number,
): Promise<{ readonly last: number; readonly ended: readonly EndedJob[]; readonly isMore: boolean }> {
  const rows = await readList<Row>(deps, endedSql, [seq]);
  const taken = takeSome(rows);
  return {
    last: taken.at(-1)?.[0] ?? seq,
    ended: taken.flatMap(endedOf),
    isMore: taken.length < rows.length || rows.length === eventsPerStep,
  };
}

/** At least one, so that a job with more cases than a step should have is done alone. */
function takeSome(rows: readonly Row[]): readonly Row[] {
  let bytes = 0;
  let jobs = 0;
  for (const [place, row] of rows.entries()) {
    if (row[2] === null) continue;
    bytes += row[10] ?? 0;
    jobs += 1;
    if (jobs > 1 && (bytes > bytesPerStep || jobs > jobsPerStep)) return rows.slice(0, place);
  }
  return rows;
}

function endedOf(row: Row): EndedJob[] {
  const [, at, jobId, runId, orgId, repositoryId, target, testPath, appVersionId, source] = row;
  if (jobId === null || repositoryId === null || source === null) return [];
  const key = createHash('sha256')
    .update(JSON.stringify([appVersionId, source]))
    .digest('hex')
    .slice(0, 32);
  const isHunt = row[11] === 1;
  return [{ jobId, runId, at, orgId, repositoryId, target, testPath, source: key, isHunt }];
}

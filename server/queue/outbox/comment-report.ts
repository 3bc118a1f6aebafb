import type { Github } from '../../../protocol/shapes/origin.ts';
import type { Run, SubmitRun } from '../../../protocol/shapes/run.ts';
import type { CommentPolicy } from '../../../protocol/states.ts';
import { and, eq, sql } from '../../db/drizzle.ts';
import { runs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import type { RunRow } from '../store/rows.ts';
import { toRun } from '../store/to-wire.ts';
import type { Claimed } from './claim-rows.ts';

/** A run that a comment tells of. */
export interface CommentRun {
  readonly run: Run;
  readonly github: Github;
  readonly policy: CommentPolicy;
}

type Results = Readonly<Record<string, 'passed' | 'failed'>>;

/** What was written last into a comment. */
interface WrittenComment {
  /** GitHub's id of it. */
  readonly commentId: number;
  /** GitHub's id of the workflow run that it tells of. */
  readonly githubRunId: number;
  /** SHA-256, hex. */
  readonly textHash: string;
  /** By the keys of its sections. */
  readonly results: Results;
}

/** What the comment of a pull request has to say now. */
export interface CommentReport {
  readonly orgId: string;
  readonly key: string;
  /** Those of the newest run of the workflow that are over and not superseded, all attempts; not empty. */
  readonly runs: readonly CommentRun[];
  readonly written: WrittenComment | undefined;
}

/**
 * Undefined: the run was deleted meanwhile, there is nothing to say, or a later row of this comment waits, which says all of
 * it too.
 */
export async function readCommentReport(
  deps: Deps,
  { subject, stream, seq, orgId }: Claimed,
): Promise<CommentReport | undefined> {
  const [later] = await deps.sql.read('SELECT 1 FROM outbox WHERE stream = ? AND seq > ? LIMIT 1', [
    stream,
    seq,
  ]);
  const [of] = await deps.sql.read('SELECT comment_key FROM runs WHERE id = ?', [subject]);
  const key = of?.comment_key;
  if (later || typeof key !== 'string') return undefined;
  const found = await newestRuns(deps, orgId, key);
  if (found.length === 0) return undefined;
  const [row] = await deps.sql.read('SELECT * FROM github_comments WHERE org_id = ? AND key = ?', [
    orgId,
    key,
  ]);
  return {
    ...{ orgId, key, runs: found.map((run) => toCommentRun(deps, run)) },
    written: row && {
      commentId: Number(row.comment_id),
      githubRunId: Number(row.github_run_id),
      textHash: String(row.text_hash),
      results: JSON.parse(String(row.results)) as Results,
    },
  };
}

/** SEARCH runs USING INDEX runs_comment (org_id=? AND comment_key=? AND github_run_id=?) */
function newestRuns(deps: Deps, orgId: string, key: string): Promise<RunRow[]> {
  const newest = sql`(SELECT max(n.github_run_id) FROM runs n WHERE n.org_id = ${orgId} AND n.comment_key = ${key}
    AND n.finished_at IS NOT NULL AND n.conclusion <> 'neutral')`;
  return deps.db
    .select()
    .from(runs)
    .where(
      and(
        ...[eq(runs.orgId, orgId), eq(runs.commentKey, key), eq(runs.githubRunId, newest)],
        sql`finished_at IS NOT NULL AND conclusion <> 'neutral'`,
      ),
    )
    .orderBy(runs.id);
}

function toCommentRun(deps: Deps, row: RunRow): CommentRun {
  const { comment = 'off' } = JSON.parse(row.settings) as Pick<SubmitRun, 'comment'>;
  const github = JSON.parse(row.github ?? '') as Github;
  return { run: toRun(row, deps.settings.publicUrl), github, policy: comment };
}

/** The comment is there, and has this text. */
export async function noteComment(
  deps: Deps,
  { orgId, key }: Pick<CommentReport, 'orgId' | 'key'>,
  { commentId, githubRunId, textHash, results }: WrittenComment,
): Promise<void> {
  await deps.sql.write([
    {
      sql: `INSERT INTO github_comments (org_id, key, comment_id, github_run_id, text_hash, results, written_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET comment_id = excluded.comment_id, github_run_id = excluded.github_run_id,
              text_hash = excluded.text_hash, results = excluded.results, written_at = excluded.written_at`,
      args: [orgId, key, commentId, githubRunId, textHash, JSON.stringify(results), deps.now()],
    },
  ]);
}

import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { AddQuarantine, Quarantine, QuarantineFilters } from '../../../protocol/shapes/quarantine.ts';
import { lanes } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import { toPage } from '../store/page.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { toQuarantine } from './quarantine-view.ts';
import { whichOrg } from './which-org.ts';

const dayMs = 24 * 3_600_000;

/** Name and id of a token, as text: what is written down outlives it. */
const tokenSql = `coalesce((SELECT t.name || ' (' || t.id || ')' FROM tokens t WHERE t.id = ?1), ?1)`;

/** The active one of a test is changed, so that what it has excused goes by the new end. */
const changeSql = `UPDATE quarantines SET owner = ?3, reason = ?4, pull_request = ?5, merge_queue = ?6, ends_at = ?7,
    changed_at = ?8, changed_by = ${tokenSql}
  WHERE test_id = ?2 AND ends_at > ?8 RETURNING *`;

/** A new one of the same test goes on with the pause of the last one: it is not hunted again at once. */
const insertSql = `INSERT INTO quarantines (id, org_id, test_id, repository_id, target, test_path, file, title, case_id, owner,
    reason, pull_request, merge_queue, ends_at, created_at, created_by, changed_at, changed_by, hunted_at)
  SELECT ?9, t.org_id, t.id, t.repository_id, t.target, t.test_path, t.file, t.title, t.case_id, ?3, ?4, ?5, ?6, ?7,
    ?8, ${tokenSql}, ?8, ${tokenSql},
    coalesce((SELECT max(q.hunted_at) FROM quarantines q WHERE q.test_id = ?2), 0)
  FROM tests t WHERE t.id = ?2 AND NOT EXISTS (SELECT 1 FROM quarantines q WHERE q.test_id = ?2 AND q.ends_at > ?8)
    AND (SELECT count(*) FROM quarantines q WHERE q.org_id = t.org_id AND q.ends_at > ?8) < ${limits.quarantinesPerOrg}
  RETURNING *`;

/**
 * Puts a test into quarantine until an instant, or changes the quarantine that it is in. Errors: `not_found` for a test that the
 * ledger does not know, or of another org or repository; `invalid` for an end that is past or too far; `conflict` where the org has
 * as many as it may.
 */
export async function addQuarantine(
  deps: Deps,
  body: AddQuarantine,
  viewer: Viewer,
  tokenId: string,
): Promise<Quarantine> {
  const now = deps.now();
  const endsAt = checkEnd(body.ends_at, now);
  await checkTest(deps, body.test_id, viewer);
  const wanted = body.lanes ?? lanes;
  const args = [
    ...[tokenId, body.test_id, body.owner, body.reason],
    ...[Number(wanted.includes('pull_request')), Number(wanted.includes('merge_queue')), endsAt, now],
  ];
  const [changed = [], made = []] = await deps.sql.write([
    { sql: changeSql, args },
    { sql: insertSql, args: [...args, newId('quarantine')] },
  ]);
  const row = changed[0] ?? made[0];
  if (row) return toQuarantine(row, now);
  const most = limits.quarantinesPerOrg;
  throw new QgjobError('conflict', `an org has at most ${most} tests in quarantine: remove one, or mend it`);
}

function checkEnd(text: string, now: number): number {
  const endsAt = Date.parse(text);
  const days = limits.quarantineDays;
  if (endsAt <= now) throw new QgjobError('invalid', `ends_at: ${text} is past`);
  if (endsAt > now + days * dayMs)
    throw new QgjobError(
      'invalid',
      `ends_at: a quarantine lasts at most ${days} days; extend it when it is due`,
    );
  return endsAt;
}

async function checkTest(deps: Deps, testId: string, viewer: Viewer): Promise<void> {
  const [row] = await deps.sql.read('SELECT org_id, repository_id FROM tests WHERE id = ?', [testId]);
  const isOfIts = viewer.repositoryId === undefined || viewer.repositoryId === row?.repository_id;
  if (!row || !maySee(viewer, String(row.org_id)) || !isOfIts)
    throw new QgjobError('not_found', `no test ${testId}; GET /v1/tests lists those that have run`);
}

/** Quarantines of an org, newest first. SEARCH quarantines USING INDEX quarantines_org (org_id=? AND id<?). Errors: `invalid`. */
export async function listQuarantines(deps: Deps, filters: QuarantineFilters, viewer: Viewer) {
  const orgId = await whichOrg(deps, viewer);
  const limit = filters.limit ?? limits.pageSize;
  const now = deps.now();
  const found = await deps.sql.read(
    `SELECT * FROM quarantines WHERE org_id = ?1 AND id < ?2 AND (?3 = '' OR iif(ends_at > ?4, 'active', 'ended') = ?3)
     ORDER BY id DESC LIMIT ?5`,
    [orgId ?? '', filters.cursor ?? '~', filters.status ?? '', now, limit + 1],
  );
  const { rows, nextCursor } = toPage(found, limit, ({ id }) => String(id));
  return { quarantines: rows.map((row) => toQuarantine(row, now)), next_cursor: nextCursor };
}

/** Ends a quarantine now; one that has ended stays as it is. Errors: `not_found`, also for one of another org or repository. */
export async function removeQuarantine(
  deps: Deps,
  id: string,
  viewer: Viewer,
  tokenId: string,
): Promise<void> {
  const [row] = await deps.sql.read('SELECT org_id, repository_id FROM quarantines WHERE id = ?', [id]);
  const isOfIts = viewer.repositoryId === undefined || viewer.repositoryId === row?.repository_id;
  if (!row || !maySee(viewer, String(row.org_id)) || !isOfIts)
    throw new QgjobError('not_found', `no quarantine ${id}`);
  await deps.sql.write([
    {
      sql: `UPDATE quarantines SET ends_at = ?3, removed_at = ?3, changed_at = ?3, changed_by = ${tokenSql}
            WHERE id = ?2 AND ends_at > ?3`,
      args: [tokenId, id, deps.now()],
    },
  ]);
}

import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Borrow, BorrowPageQuery } from '../../../protocol/shapes/borrow.ts';
import type { BorrowStatus } from '../../../protocol/states.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { type Page, toPage } from '../store/page.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { selectBorrows, toBorrow } from './to-borrow.ts';

/** While nobody has asked for so long, one that is watched is given up. In ms. */
export const watchMs = 60_000;

/** What a caller needs of a borrow before it reads or changes it. */
interface FoundBorrow {
  readonly status: BorrowStatus;
  readonly poolId: number;
}

/** Errors: `not_found`, also for another org's. */
export async function findBorrow(deps: Deps, id: string, viewer: Viewer): Promise<FoundBorrow> {
  const [row] = await deps.sql.read('SELECT org_id, status, pool_id FROM borrows WHERE id = ?', [id]);
  if (!row || !maySee(viewer, String(row.org_id))) throw new QgjobError('not_found', `no borrow ${id}`);
  return { status: row.status as BorrowStatus, poolId: Number(row.pool_id) };
}

/** Errors: `not_found`, also for another org's. */
export async function readBorrow(deps: Deps, id: string, viewer: Viewer): Promise<Borrow> {
  const [row] = await deps.sql.read(`${selectBorrows} WHERE w.id = ?3`, [deps.now(), onlineSince(deps), id]);
  if (!row || !maySee(viewer, String(row.org_id))) throw new QgjobError('not_found', `no borrow ${id}`);
  return toBorrow(row, viewer);
}

/** Notes that somebody still waits for it, for so many ms more; answers what `findBorrow` does. Errors: `not_found`. */
export async function watchBorrow(
  deps: Deps,
  id: string,
  forMs: number,
  viewer: Viewer,
): Promise<FoundBorrow> {
  const found = await findBorrow(deps, id, viewer);
  if (found.status === 'waiting') {
    await deps.sql.write([
      {
        sql: `UPDATE borrows SET watched_until = max(watched_until, ?2)
              WHERE id = ?1 AND status = 'waiting' AND watched_until IS NOT NULL`,
        args: [id, deps.now() + forMs + watchMs],
      },
    ]);
  }
  return found;
}

/** Those of the org, newest first. SEARCH w USING INDEX borrows_org (org_id=? AND id<?), or borrows_run (run_id=?) */
export async function listBorrows(deps: Deps, query: BorrowPageQuery, viewer: Viewer): Promise<Page<Borrow>> {
  const limit = query.limit ?? limits.pageSize;
  const orgId = viewer.orgId ?? query.org_id;
  const given: (readonly [sql: string, value: string | undefined])[] = [
    ['w.org_id = ', orgId],
    ['w.run_id = ', query.run_id],
    ['w.status = ', query.status],
    ['w.id < ', query.cursor],
    ['coalesce(w.device_id, w.wanted_device) = ', query.device_id],
  ];
  const used = given.filter(([, value]) => value !== undefined);
  const where = used.map(([sql], index) => `${sql}?${index + 5}`).join(' AND ') || 'true';
  const found = await deps.sql.read(`${selectBorrows} WHERE ${where} ORDER BY w.id DESC LIMIT ?3 OFFSET ?4`, [
    ...[deps.now(), onlineSince(deps), limit + 1, query.offset ?? 0],
    ...used.map(([, value]) => value ?? null),
  ]);
  const { rows, nextCursor } = toPage(found, limit, (row) => String(row.id));
  return { rows: rows.map((row) => toBorrow(row, viewer)), nextCursor };
}

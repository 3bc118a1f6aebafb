import { QgjobError } from '../../../protocol/errors.ts';
import type { Borrow } from '../../../protocol/shapes/borrow.ts';
import type { Deps } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';
import { findBorrow, readBorrow } from './read-borrows.ts';

/**
 * Keeps a borrowed device for so many minutes from now on; an end that is later stays. Of one that waits, the minutes change
 * that it will have. Errors: `not_found`; `conflict` where it has ended.
 */
export async function extendBorrow(deps: Deps, id: string, minutes: number, viewer: Viewer): Promise<Borrow> {
  await findBorrow(deps, id, viewer);
  const now = deps.now();
  const [changed] = await deps.sql.write([
    {
      sql: `UPDATE borrows SET minutes = iif(status = 'waiting', ?2, minutes), until = max(until, ?3)
            WHERE id = ?1 AND (status = 'waiting' OR (status = 'active' AND until > ?4)) RETURNING id`,
      args: [id, minutes, now + minutes * 60_000, now],
    },
  ]);
  if (changed?.length !== 1) throw new QgjobError('conflict', 'it has ended: borrow the device again');
  return readBorrow(deps, id, viewer);
}

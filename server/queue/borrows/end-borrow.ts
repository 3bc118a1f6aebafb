import { QgjobError } from '../../../protocol/errors.ts';
import type { Borrow } from '../../../protocol/shapes/borrow.ts';
import type { BorrowEnd } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import { lentNow, poolsChanged } from '../store/lent-devices.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { borrowsOfDevice } from './borrows-of-device.ts';
import { findBorrow, readBorrow } from './read-borrows.ts';

/**
 * Gives back a borrowed device, or gives up waiting for one. One that has ended stays as it is. All tokens of the org that
 * change runs may do so. Errors: `not_found`.
 */
export async function endBorrow(deps: Deps, id: string, viewer: Viewer): Promise<Borrow> {
  const { status } = await findBorrow(deps, id, viewer);
  if (status === 'waiting') await endAll(deps, [id], 'cancelled');
  // It may have begun meanwhile.
  if (status !== 'ended') await endAll(deps, [id], 'returned');
  return readBorrow(deps, id, viewer);
}

/**
 * Gives back a device, whoever of the org has it; where nobody has, gives up waiting for it. Errors: `not_found`,
 * `forbidden` where another org has it, `conflict` where nobody has.
 */
export async function returnDevice(deps: Deps, deviceId: string, viewer: Viewer): Promise<Borrow> {
  const { name, active, waiting } = await borrowsOfDevice(deps, deviceId, viewer);
  if (active && maySee(viewer, active.orgId)) return endBorrow(deps, active.id, viewer);
  const own = waiting.find(({ orgId }) => maySee(viewer, orgId));
  if (own) return endBorrow(deps, own.id, viewer);
  if (active)
    throw new QgjobError('forbidden', `${name} is borrowed by another org: it gives it back itself`);
  throw new QgjobError('conflict', `${name} is not borrowed`);
}

const ended: Partial<Record<BorrowEnd, string>> = {
  returned: `status = 'active'`,
  cancelled: `status = 'waiting'`,
};

/** Ends those of these for which `where` (SQL; ?2 is now) holds when it is written. */
export async function endAll(
  deps: Deps,
  ids: readonly string[],
  as: BorrowEnd,
  where = ended[as] ?? 'false',
): Promise<void> {
  const now = deps.now();
  await deps.sql.write([
    {
      sql: `UPDATE borrows SET status = 'ended', ended_at = ?2, ended_as = ?3
            WHERE id IN (SELECT value FROM json_each(?1)) AND ${where}`,
      args: [JSON.stringify(ids), now, as],
    },
    lentNow(ids, now),
    poolsChanged(ids, now),
  ]);
}

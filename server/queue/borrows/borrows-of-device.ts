import { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from '../store/deps.ts';
import { maySee, type Viewer } from '../store/viewer.ts';

interface OpenBorrow {
  readonly id: string;
  readonly orgId: string;
  /** Of who asked for it; undefined: not known. */
  readonly tokenId: string | undefined;
}

/** A device with the borrow that it is in, and those that wait for it by name, in the order in which they came. */
interface BorrowedDevice {
  readonly name: string;
  readonly owner: string;
  readonly target: string;
  readonly poolId: number;
  readonly active: OpenBorrow | undefined;
  readonly waiting: readonly OpenBorrow[];
}

/** SEARCH w USING INDEX borrows_device (device_id=?), SEARCH w USING INDEX borrows_waiting (pool_id=?) */
const openSql = `SELECT w.id, w.org_id, w.token_id, w.status FROM borrows w WHERE w.device_id = ?1 AND w.status = 'active'
  UNION ALL SELECT w.id, w.org_id, w.token_id, w.status FROM devices d CROSS JOIN borrows w ON w.pool_id = d.pool_id AND w.status = 'waiting'
    AND w.wanted_device = d.id WHERE d.id = ?1`;

/** Errors: `not_found`, also for another org's device and for one that its agent does not offer any more. */
export async function borrowsOfDevice(deps: Deps, deviceId: string, viewer: Viewer): Promise<BorrowedDevice> {
  const [[device], open] = await Promise.all([
    deps.sql.read('SELECT name, owner, target, pool_id FROM devices WHERE id = ? AND listed = 1', [deviceId]),
    deps.sql.read(openSql, [deviceId]),
  ]);
  const owner = String(device?.owner ?? '');
  if (!device || !(owner === '' || maySee(viewer, owner)))
    throw new QgjobError('not_found', `no device ${deviceId}`);
  const of = (status: string) =>
    open
      .filter((row) => row.status === status)
      .map(
        ({ id, org_id, token_id }): OpenBorrow => ({
          ...{ id: String(id), orgId: String(org_id) },
          tokenId: token_id === null ? undefined : String(token_id),
        }),
      );
  return {
    ...{ name: String(device.name), owner, target: String(device.target), poolId: Number(device.pool_id) },
    active: of('active')[0],
    waiting: of('waiting'),
  };
}

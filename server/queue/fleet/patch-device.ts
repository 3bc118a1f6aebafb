import { eq } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import type { Device, PatchDevice } from '../../../protocol/shapes/fleet.ts';
import { devices } from '../../db/schema.ts';
import { checkOwner } from '../store/check-owner.ts';
import type { Deps } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';
import { readDevice } from './list-fleet.ts';
import { poolChanged } from './pool-changed.ts';

/**
 * Pauses a device or resumes it: a paused one gets no new lease, the one it has goes on. The same again changes nothing.
 * Errors: `not_found`, `forbidden` for a shared one.
 */
export async function patchDevice(
  deps: Deps,
  deviceId: string,
  { paused }: PatchDevice,
  viewer: Viewer,
): Promise<Device> {
  const [device] = await deps.db.select().from(devices).where(eq(devices.id, deviceId));
  if (!device) throw new QgjobError('not_found', `no device ${deviceId}`);
  checkOwner(device.owner, viewer, `device ${deviceId}`);
  const now = deps.now();
  await deps.sql.write([
    {
      sql: `UPDATE devices SET paused_at = CASE WHEN ?2 = 1 THEN ?3 END
            WHERE id = ?1 AND (paused_at IS NOT NULL) <> ?2`,
      args: [deviceId, Number(paused), now],
    },
    poolChanged('SELECT pool_id FROM devices WHERE id = ?1 AND listed = 1', deviceId, now),
  ]);
  return readDevice(deps, deviceId, viewer);
}

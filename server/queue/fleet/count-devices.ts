import type { Device } from '../../../protocol/shapes/fleet.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';
import { deviceStatus } from './device-may.ts';

export interface DeviceCount {
  readonly target: string;
  readonly status: Device['status'];
  readonly devices: number;
}

/** How many devices of each target are in which status: of the org and shared ones, as the list shows them. */
export async function countDevices(deps: Deps, viewer: Viewer): Promise<DeviceCount[]> {
  const rows = await deps.sql.read(
    `SELECT d.target, ${deviceStatus('?2', '?3')} AS status, count(*) AS n
     FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
       LEFT JOIN leases l ON l.device_id = d.id AND l.state = 'active'
     WHERE ?1 IS NULL OR d.owner IN (?1, '') GROUP BY 1, 2 ORDER BY 1, 2`,
    [viewer.orgId ?? null, deps.now(), onlineSince(deps)],
  );
  return rows.map(({ target, status, n }) => ({
    target: String(target),
    status: status as Device['status'],
    devices: Number(n),
  }));
}

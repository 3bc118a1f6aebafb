import type { ErrorClass } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import { blameOf, type EndedAttempt, fewestTests } from './compare-devices.ts';

/** Older attempts tell nothing of a device as it is now. */
const windowMs = 2 * 60 * 60_000;
const mostOfDevice = 40;

/** The attempt `a` is none of a hunt that the server began by itself (SQL): these say nothing of a device. */
const isOfPeople = `NOT EXISTS (SELECT 1 FROM jobs h CROSS JOIN runs r ON r.id = h.run_id
    WHERE h.id = a.job_id AND r.quarantine_id IS NOT NULL)`;

/**
 * Benches devices that have just had an infrastructure error and are to blame for it, until a person has looked at them
 * and resumes them. Compared with the other devices of their pool.
 */
export async function blameDevices(deps: Deps, deviceIds: readonly string[]): Promise<void> {
  for (const deviceId of new Set(deviceIds)) {
    if ((await countFailed(deps, deviceId)) < fewestTests) continue;
    const why = blameOf(deviceId, await readEnded(deps, deviceId));
    if (why === undefined) continue;
    await deps.sql.write([
      { sql: 'UPDATE devices SET blame = ?2 WHERE id = ?1 AND blame IS NULL', args: [deviceId, why] },
    ]);
  }
}

/** How many tests failed so on the device: mostly too few for a look at the others, which is long. */
async function countFailed(deps: Deps, deviceId: string): Promise<number> {
  const [row] = await deps.sql.read(
    `SELECT count(DISTINCT job_id) AS jobs FROM (SELECT job_id, error_class FROM attempts a
       WHERE device_id = ?1 AND finished_at >= max(?2, coalesce((SELECT blame_from FROM devices WHERE id = ?1), 0))
         AND ${isOfPeople}
       ORDER BY finished_at DESC LIMIT ${mostOfDevice})
     WHERE error_class = 'infra_error'`,
    [deviceId, deps.now() - windowMs],
  );
  return Number(row?.jobs ?? 0);
}

/** The last attempts of the device, since somebody resumed it, and of those beside it. What says nothing of a device is left out. */
async function readEnded(deps: Deps, deviceId: string): Promise<EndedAttempt[]> {
  const rows = await deps.sql.read(
    `SELECT a.device_id, a.error_class, j.group_id, j.test_path
     FROM devices d
       CROSS JOIN devices o ON o.pool_id = d.pool_id
       CROSS JOIN attempts a ON (a.job_id, a.attempt) IN (
         SELECT a.job_id, a.attempt FROM attempts a
         WHERE a.device_id = o.id AND a.finished_at >= max(?2, coalesce(CASE WHEN o.id = d.id THEN d.blame_from END, 0))
           AND ${isOfPeople}
         ORDER BY a.finished_at DESC LIMIT ${mostOfDevice})
       CROSS JOIN jobs j ON j.id = a.job_id
     WHERE d.id = ?1 AND (a.verdict IN ('passed', 'failed') OR a.error_class = 'infra_error')`,
    [deviceId, deps.now() - windowMs],
  );
  return rows.map((row) => ({
    deviceId: String(row.device_id),
    groupId: Number(row.group_id),
    testPath: String(row.test_path),
    errorClass: row.error_class as ErrorClass | null,
  }));
}

import type { Verdict } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import { toInstant } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';

export interface DeviceAttempt {
  readonly job_id: string;
  readonly org_id: string;
  readonly test_path: string;
  readonly attempt: number;
  readonly verdict: Verdict;
  readonly error_class: string | null;
  readonly error: string | null;
  readonly finished_at: string;
  readonly duration_ms: number | null;
}

/** So many of a device are looked at, whosever they are. */
const mostRead = 200;

/** The last finished attempts on a device that the viewer may see, newest first. SEARCH attempts USING INDEX attempts_device (device_id=?) */
export async function attemptsOfDevice(
  deps: Deps,
  deviceId: string,
  limit: number,
  viewer: Viewer,
): Promise<DeviceAttempt[]> {
  const rows = await deps.sql.read(
    `SELECT last.*, j.test_path FROM (
       SELECT job_id, org_id, attempt, verdict, error_class, error, finished_at, duration_ms FROM attempts
       WHERE device_id = ?1 AND finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT ${mostRead}
     ) last CROSS JOIN jobs j ON j.id = last.job_id
     WHERE ?2 IS NULL OR last.org_id = ?2 ORDER BY last.finished_at DESC LIMIT ?3`,
    [deviceId, viewer.orgId ?? null, limit],
  );
  return rows.map((row) => ({
    job_id: String(row.job_id),
    org_id: String(row.org_id),
    test_path: String(row.test_path),
    attempt: Number(row.attempt),
    verdict: row.verdict as Verdict,
    error_class: row.error_class as string | null,
    error: row.error as string | null,
    finished_at: toInstant(Number(row.finished_at)),
    duration_ms: row.duration_ms as number | null,
  }));
}

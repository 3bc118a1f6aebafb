import type { Verdict } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { namesOfDevices } from './names-of-devices.ts';

/** Something that a device did for a run, from and to in epoch ms; `to` undefined: it goes on. */
export interface TimelineBar {
  readonly kind: 'install' | 'attempt';
  readonly from: number;
  readonly to: number | undefined;
  readonly verdict?: Verdict | undefined;
  readonly jobId?: string;
  readonly testPath?: string;
  readonly attempt?: number;
}

export interface TimelineLane {
  readonly deviceId: string;
  /** `rack-1/pixel-8`. */
  readonly device: string;
  readonly bars: readonly TimelineBar[];
}

/** Jobs whose attempts are read at most: a page of 10 000 would be neither read nor looked at. */
export const mostTimelineJobs = 300;

/** SEARCH jobs USING INDEX jobs_run (run_id=?), a USING INDEX sqlite_autoindex_attempts_1 (job_id=?) */
const attemptsSql = listOf(
  `json_array(a.device_id, a.lease_id, a.job_id, first.test_path, a.attempt, a.started_at, a.finished_at, a.verdict)`,
  `FROM (SELECT id, test_path FROM jobs WHERE run_id = ?1 ORDER BY seq LIMIT ${mostTimelineJobs}) first
    CROSS JOIN attempts a ON a.job_id = first.id`,
);

const installsSql = listOf(
  'json_array(l.device_id, l.created_at, l.installed_at, l.ended_at)',
  'FROM json_each(?1) i CROSS JOIN leases l ON l.id = i.value WHERE l.install = 1',
);

type AttemptRow = [
  deviceId: string,
  leaseId: string,
  jobId: string,
  testPath: string,
  attempt: number,
  startedAt: number,
  finishedAt: number | null,
  verdict: Verdict | null,
];
type InstallRow = [deviceId: string, createdAt: number, installedAt: number | null, endedAt: number | null];

/** What devices did for a run, one lane a device, the one that began first on top; of its first jobs where it has many. */
export async function readTimeline(deps: Deps, runId: string): Promise<TimelineLane[]> {
  const attempts = await readList<AttemptRow>(deps, attemptsSql, [runId]);
  const leases = [...new Set(attempts.map(([, leaseId]) => leaseId))];
  const installs = await readList<InstallRow>(deps, installsSql, [JSON.stringify(leases)]);
  const lanes = new Map<string, TimelineBar[]>();
  const add = (deviceId: string, bar: TimelineBar): void => {
    lanes.set(deviceId, [...(lanes.get(deviceId) ?? []), bar]);
  };
  for (const [deviceId, from, installedAt, endedAt] of installs)
    add(deviceId, { kind: 'install', from, to: installedAt ?? endedAt ?? undefined });
  for (const [deviceId, , jobId, testPath, attempt, from, to, verdict] of attempts)
    add(deviceId, {
      ...{ kind: 'attempt', jobId, testPath, attempt, from, to: to ?? undefined },
      verdict: verdict ?? undefined,
    });
  const names = await namesOfDevices(deps, [...lanes.keys()]);
  return [...lanes]
    .map(([deviceId, bars]) => ({
      deviceId,
      device: names.get(deviceId) ?? 'a device that is gone',
      bars: bars.sort((a, b) => a.from - b.from),
    }))
    .sort((a, b) => (a.bars[0]?.from ?? 0) - (b.bars[0]?.from ?? 0));
}

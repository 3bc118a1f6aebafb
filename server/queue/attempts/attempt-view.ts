import { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from '../store/deps.ts';
import { isForeign, type LeaseCaller, noLease, refuseCaller } from '../store/find-lease.ts';
import type { JobRow } from '../store/rows.ts';
import { jobJson, listOf, readList, toJobRow } from '../store/rows.ts';

/** One attempt of a job in a lease. */
export interface AttemptRef {
  readonly leaseId: string;
  readonly jobId: string;
  readonly attempt: number;
}

/** The state by which a start or a verdict is checked. */
export interface AttemptView {
  readonly lease: LeaseView;
  readonly job: JobRow;
  /** The row of the attempt, if it was started. */
  readonly own:
    | {
        readonly leaseId: string;
        readonly verdict: string | null;
        readonly errorClass: string | null;
        readonly byServer: number;
      }
    | undefined;
}

export interface LeaseView {
  readonly id: string;
  readonly state: string;
  readonly runId: string;
  readonly groupId: number;
  readonly deviceId: string;
  /** Strikes of the device: its infrastructure errors in a row. */
  readonly strikes: number;
  /** Each job of its batch has a lease of its own. */
  readonly isLone: boolean;
  /** Of a hunt that the server began by itself: what goes wrong in it is held against no device and no app. */
  readonly isServerHunt: boolean;
}

export interface AttemptCall {
  readonly caller: LeaseCaller;
  readonly ref: AttemptRef;
}

const viewSql = listOf(
  `json_array(i.key, l.id, l.state, l.run_id, l.group_id, l.device_id, l.org_id, l.ended_at, d.strikes,
    t.lease_id, t.verdict, t.error_class, t.by_server, ${jobJson('j')},
    (SELECT b.lone FROM batches b WHERE b.id = j.batch_id),
    (SELECT r.quarantine_id IS NOT NULL FROM runs r WHERE r.id = l.run_id))`,
  `FROM json_each(?) i
    LEFT JOIN leases l ON l.id = i.value ->> 0
    LEFT JOIN devices d ON d.id = l.device_id
    LEFT JOIN jobs j ON j.id = i.value ->> 1
    LEFT JOIN attempts t ON t.job_id = j.id AND t.attempt = i.value ->> 2`,
);

type ViewRow = [
  key: number,
  leaseId: string | null,
  state: string,
  runId: string,
  groupId: number,
  deviceId: string,
  orgId: string,
  endedAt: number | null,
  strikes: number | null,
  ownLease: string | null,
  verdict: string | null,
  errorClass: string | null,
  byServer: number,
  job: unknown[],
  lone: number | null,
  hunted: number | null,
];

/**
 * The views of calls, in their order, by one statement; `not_found` for a lease or job that the caller must not see,
 * `unauthorized` for the token of a lease that ended long ago.
 */
export async function readAttemptViews(
  deps: Deps,
  calls: readonly AttemptCall[],
): Promise<(AttemptView | QgjobError)[]> {
  const keys = calls.map(({ ref }) => [ref.leaseId, ref.jobId, ref.attempt]);
  const rows = await readList<ViewRow>(deps, viewSql, [JSON.stringify(keys)]);
  const byKey = new Map(rows.map((row) => [row[0], row]));
  const now = deps.now();
  return calls.map((call, index) => toView(call, byKey.get(index), now));
}

function toView(
  { caller, ref }: AttemptCall,
  row: ViewRow | undefined,
  now: number,
): AttemptView | QgjobError {
  if (!row || row[1] === null || isForeign(caller, ref.leaseId)) return noLease(ref.leaseId);
  const [
    ,
    ,
    state,
    runId,
    groupId,
    deviceId,
    orgId,
    endedAt,
    strikes,
    ownLease,
    verdict,
    errorClass,
    byServer,
  ] = row;
  const refusal = refuseCaller(caller, { id: ref.leaseId, endedAt }, now);
  if (refusal) return refusal;
  const job = toJobRow(row[13]);
  if (job.id === null || job.orgId !== orgId) return new QgjobError('not_found', `no job ${ref.jobId}`);
  return {
    lease: {
      ...{ id: ref.leaseId, state, runId, groupId, deviceId, strikes: strikes ?? 0 },
      ...{ isLone: row[14] === 1, isServerHunt: row[15] === 1 },
    },
    job,
    own: ownLease === null ? undefined : { leaseId: ownLease, verdict, errorClass, byServer },
  };
}

import type { Row } from '@libsql/client';
import { QgjobError } from '../../protocol/errors.ts';
import type { Deps } from './deps.ts';
import type { AgentCaller } from './find-agent.ts';
import { toJobRow } from './read-rows.ts';
import type { JobRow } from './rows.ts';
import type { AttemptRef } from './start-attempt.ts';

/** What a write of an agent about an attempt is judged by. */
export interface AttemptView {
  readonly lease: LeaseView;
  readonly job: JobRow;
  /** The row of the attempt that is spoken of. */
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
  /** Infrastructure errors of the device in a row. */
  readonly strikes: number;
}

export interface AttemptCall {
  readonly caller: AgentCaller;
  readonly ref: AttemptRef;
}

const viewSql = `SELECT j.*, l.id AS x_lease, l.state AS x_state, l.run_id AS x_run, l.group_id AS x_group,
    l.device_id AS x_device, l.org_id AS x_org, a.owner AS x_owner, d.strikes AS x_strikes,
    t.lease_id AS x_own_lease, t.verdict AS x_verdict, t.error_class AS x_class, t.by_server AS x_by_server
  FROM json_each(?) i
    LEFT JOIN leases l ON l.id = i.value ->> 0
    LEFT JOIN agents a ON a.id = l.agent_id
    LEFT JOIN devices d ON d.id = l.device_id
    LEFT JOIN jobs j ON j.id = i.value ->> 1
    LEFT JOIN attempts t ON t.job_id = j.id AND t.attempt = i.value ->> 2
`;

/** One view for each call, in their order, by one statement; `not_found` for what the caller must not see. */
export async function readAttemptViews(
  deps: Deps,
  calls: readonly AttemptCall[],
): Promise<(AttemptView | QgjobError)[]> {
  const keys = calls.map(({ ref }) => [ref.leaseId, ref.jobId, ref.attempt]);
  const rows = await deps.gate.read(viewSql, [JSON.stringify(keys)]);
  return calls.map((call, index) => toView(call, rows[index]));
}

function toView({ caller, ref }: AttemptCall, row: Row | undefined): AttemptView | QgjobError {
  const isForeign = caller.owner !== undefined && row?.x_owner !== caller.owner;
  if (!row || row.x_lease === null || isForeign)
    return new QgjobError('not_found', `no lease ${ref.leaseId}`);
  if (row.id === null || row.org_id !== row.x_org) return new QgjobError('not_found', `no job ${ref.jobId}`);
  return {
    lease: {
      id: ref.leaseId,
      state: String(row.x_state),
      runId: String(row.x_run),
      groupId: Number(row.x_group),
      deviceId: String(row.x_device),
      strikes: Number(row.x_strikes ?? 0),
    },
    job: toJobRow(row),
    own:
      row.x_own_lease === null
        ? undefined
        : {
            leaseId: String(row.x_own_lease),
            verdict: row.x_verdict as string | null,
            errorClass: row.x_class as string | null,
            byServer: Number(row.x_by_server),
          },
  };
}

import { QgjobError } from '../../../protocol/errors.ts';
import { eq } from '../../db/drizzle.ts';
import { leases } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import type { LeaseRow } from './rows.ts';

/**
 * Who calls about a lease: the holder of that lease's own token, or (undefined) the operator, who may call about all of
 * them.
 */
export interface LeaseCaller {
  readonly leaseId: string | undefined;
}

/** So long after its end the token of a lease still passes, so that its agent learns of the end and sends evidence. In ms. */
export const tokenOutlivesMs = 24 * 3_600_000;

/** The lease, live or ended. Errors: `not_found`, also for a lease of another token; `unauthorized` (`refuseCaller`). */
export async function findLease(deps: Deps, caller: LeaseCaller, leaseId: string): Promise<LeaseRow> {
  if (isForeign(caller, leaseId)) throw noLease(leaseId);
  const [lease] = await deps.db.select().from(leases).where(eq(leases.id, leaseId));
  if (!lease) throw noLease(leaseId);
  const refusal = refuseCaller(caller, lease, deps.now());
  if (refusal) throw refusal;
  return lease;
}

/** The org of a lease whose token still passes. SEARCH leases USING INDEX sqlite_autoindex_leases_1 (id=?) */
export async function findLeaseOrg(deps: Deps, leaseId: string): Promise<string | undefined> {
  const sql = 'SELECT org_id FROM leases WHERE id = ? AND (ended_at IS NULL OR ended_at > ?)';
  const [row] = await deps.sql.read(sql, [leaseId, deps.now() - tokenOutlivesMs]);
  return row && String(row.org_id);
}

/** The live lease. Errors: those of `findLease`; `lease_lost` where it has ended. */
export async function findLiveLease(deps: Deps, caller: LeaseCaller, leaseId: string): Promise<LeaseRow> {
  const lease = await findLease(deps, caller, leaseId);
  if (lease.state !== 'active') throw leaseLost(leaseId);
  return lease;
}

export const isForeign = (caller: LeaseCaller, leaseId: string): boolean =>
  caller.leaseId !== undefined && caller.leaseId !== leaseId;

/** `unauthorized` for the token of a lease that ended long ago; the details tell it from a token that is none. */
export function refuseCaller(
  caller: LeaseCaller,
  { id, endedAt }: Pick<LeaseRow, 'id' | 'endedAt'>,
  now: number,
): QgjobError | undefined {
  if (caller.leaseId === undefined || endedAt === null || now - endedAt < tokenOutlivesMs) return undefined;
  const why = `the token of lease ${id} is not valid any more: the lease ended more than 24 hours ago`;
  return new QgjobError('unauthorized', why, { details: { lease_id: id } });
}

export const noLease = (leaseId: string): QgjobError => new QgjobError('not_found', `no lease ${leaseId}`);

export const leaseLost = (leaseId: string): QgjobError =>
  new QgjobError('lease_lost', `lease ${leaseId} has ended; drop its work`);

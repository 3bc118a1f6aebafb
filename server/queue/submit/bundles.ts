import { QgjobError } from '../../../protocol/errors.ts';
import type { Bundle } from '../../../protocol/shapes/bundle.ts';
import { Source } from '../../../protocol/shapes/origin.ts';
import { and, eq } from '../../db/drizzle.ts';
import { runs } from '../../db/schema.ts';
import { bundles } from '../../db/schema-bundles.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { findLiveLease, type LeaseCaller } from '../store/find-lease.ts';
import type { Submit } from './new-run.ts';

/** A bundle of an org, by the hash of its bytes. */
export interface BundleRef {
  readonly orgId: string;
  readonly sha256: string;
}

/** Undefined: the org has no such bundle. */
export async function findBundle(deps: Deps, { orgId, sha256 }: BundleRef): Promise<Bundle | undefined> {
  const [row] = await deps.db
    .select({ sha256: bundles.sha256, size: bundles.size })
    .from(bundles)
    .where(and(eq(bundles.orgId, orgId), eq(bundles.sha256, sha256)));
  return row;
}

/** Makes the row of a bundle whose bytes are stored already, or notes that it was used again. */
export async function addBundle(deps: Deps, { orgId, sha256 }: BundleRef, size: number): Promise<void> {
  const sql = `INSERT INTO bundles (org_id, sha256, size, created_at, last_used_at) VALUES (?1, ?2, ?3, ?4, ?4)
               ON CONFLICT (org_id, sha256) DO UPDATE SET last_used_at = ?4`;
  await deps.sql.write([{ sql, args: [orgId, sha256, size, deps.now()] }]);
}

/** A use that is this new is not noted again, so that most questions cost no write. In ms. */
const noteEveryMs = 3_600_000;

/** Notes that somebody asked for a bundle, where that was not noted within the last hour. */
export async function touchBundle(deps: Deps, { orgId, sha256 }: BundleRef): Promise<void> {
  const [row] = await deps.db
    .select({ usedAt: bundles.lastUsedAt })
    .from(bundles)
    .where(and(eq(bundles.orgId, orgId), eq(bundles.sha256, sha256)));
  if (!row || deps.now() - row.usedAt < noteEveryMs) return;
  const sql = 'UPDATE bundles SET last_used_at = ?3 WHERE org_id = ?1 AND sha256 = ?2';
  await deps.sql.write([{ sql, args: [orgId, sha256, deps.now()] }]);
}

/** All bundles of all orgs. */
export const listBundles = (deps: Deps): Promise<BundleRef[]> =>
  deps.db.select({ orgId: bundles.orgId, sha256: bundles.sha256 }).from(bundles);

/** The bundle of a live lease. Errors: `not_found`, also where its source is no bundle; `lease_lost`. */
export async function findLeaseBundle(
  deps: Deps,
  caller: LeaseCaller,
  leaseId: string,
): Promise<BundleRef & { readonly size: number }> {
  const { orgId, runId } = await findLiveLease(deps, caller, leaseId);
  const [run] = await deps.db.select({ settings: runs.settings }).from(runs).where(eq(runs.id, runId));
  const source = Source.safeParse(JSON.parse(run?.settings ?? '{}').source).data;
  if (source?.kind !== 'bundle')
    throw new QgjobError('not_found', `the source of lease ${leaseId} is no bundle`);
  const bundle = await findBundle(deps, { orgId, sha256: source.sha256 });
  if (!bundle) throw noBundle(source.sha256);
  return { orgId, ...bundle };
}

export const noBundle = (sha256: string): QgjobError =>
  new QgjobError('not_found', `this org has no bundle ${sha256}`);

/** For each submit the refusal of a bundle that its org does not have, or undefined. */
export async function checkBundles(
  deps: Deps,
  submits: readonly Submit[],
): Promise<(QgjobError | undefined)[]> {
  const wanted = submits.map(({ input: { orgId, body } }) =>
    body.source?.kind === 'bundle' ? { orgId, sha256: body.source.sha256 } : undefined,
  );
  const pairs = wanted.filter((one) => one !== undefined);
  if (pairs.length === 0) return submits.map(() => undefined);
  const rows = await deps.sql.read(
    `SELECT b.org_id, b.sha256 FROM json_each(?1) i CROSS JOIN bundles b
     ON b.org_id = i.value ->> 'orgId' AND b.sha256 = i.value ->> 'sha256'`,
    [JSON.stringify(pairs)],
  );
  const known = new Set(rows.map((row) => `${row.org_id} ${row.sha256}`));
  return wanted.map((one) =>
    one === undefined || known.has(`${one.orgId} ${one.sha256}`) ? undefined : notUploaded(one.sha256),
  );
}

const notUploaded = (sha256: string): QgjobError =>
  new QgjobError(
    'invalid',
    `source: this org has no bundle ${sha256}; upload it first, with PUT /v1/bundles/${sha256}`,
  );

/** Notes that the bundles of these submits are used; in the commit that makes their runs. */
export function touchBundles(submits: readonly Submit[], now: number): Statement[] {
  const pairs = submits.flatMap(({ input: { orgId, body } }) =>
    body.source?.kind === 'bundle' ? [{ orgId, sha256: body.source.sha256 }] : [],
  );
  if (pairs.length === 0) return [];
  const sql = `UPDATE bundles SET last_used_at = ?2 FROM json_each(?1) i
               WHERE org_id = i.value ->> 'orgId' AND sha256 = i.value ->> 'sha256'`;
  return [{ sql, args: [JSON.stringify(pairs), now] }];
}

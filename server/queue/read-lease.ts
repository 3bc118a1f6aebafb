import { eq } from 'drizzle-orm';
import type { Lease } from '../../protocol/shapes/agent.ts';
import { groups, jobs, leases, runs } from '../db/schema.ts';
import type { Deps } from './deps.ts';
import { toInstant, toJob } from './to-wire.ts';

/** A live lease as its agent sees it; undefined when there is none of this id. */
export async function readLease(deps: Deps, leaseId: string): Promise<Lease | undefined> {
  const [found] = await deps.db
    .select({ lease: leases, group: groups, settings: runs.settings })
    .from(leases)
    .innerJoin(groups, eq(groups.id, leases.groupId))
    .innerJoin(runs, eq(runs.id, leases.runId))
    .where(eq(leases.id, leaseId));
  if (found?.lease.state !== 'active') return undefined;
  const rows = await deps.db.select().from(jobs).where(eq(jobs.leaseId, leaseId));
  rows.sort((a, b) => b.estimateMs - a.estimateMs || a.seq - b.seq);
  const { source } = JSON.parse(found.settings) as { source?: Lease['source'] };
  return {
    lease_id: leaseId,
    org_id: found.lease.orgId,
    app_version_id: found.group.appVersionId,
    target: found.group.target,
    framework: (rows[0]?.framework || null) as Lease['framework'],
    ...(source && { source }),
    install: found.lease.install === 1 && found.lease.installedAt === null,
    expires_at: toInstant(found.lease.expiresAt),
    jobs: rows.map((row) => ({ ...toJob(row), next_attempt: row.attempt + 1, timeout_ms: row.timeoutMs })),
  };
}

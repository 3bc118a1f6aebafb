import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import { CreateBorrow } from '../../protocol/shapes/borrow.ts';
import { finishAttempt } from '../../server/queue/attempts/finish-attempt.ts';
import {
  endBorrow,
  extendBorrow,
  readBorrow,
  requestBorrow,
  settleBorrows,
  watchBorrow,
} from '../../server/queue/borrows/index.ts';
import { listDevices } from '../../server/queue/fleet/list-fleet.ts';
import { reportInstalled } from '../../server/queue/leases/report-installed.ts';
import { takeLease } from './deps.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from './queue.ts';

export const minute = 60_000;

/** The verbs by which an org borrows, by the operator's eyes. */
export function borrowsOf({ deps }: TestQueue, orgId: string | undefined = 'acme') {
  const request = async (body: Partial<CreateBorrow>, idempotencyKey?: string) =>
    (await requestBorrow(deps, { orgId, body: CreateBorrow.parse(body), tokenId: 'none', idempotencyKey }))
      .borrow;
  return Object.assign(request, {
    read: (id: string) => readBorrow(deps, id, anyOrg),
    end: (id: string) => endBorrow(deps, id, anyOrg),
    extend: (id: string, minutes: number) => extendBorrow(deps, id, minutes, anyOrg),
    watch: (id: string) => watchBorrow(deps, id, 0, anyOrg),
  });
}

/** An agent with so many devices, and an org that borrows them. */
export async function borrowing(devices: number, given?: TestQueue) {
  const queue = given ?? (await openTestQueue());
  const { deps } = queue;
  const targets = Array.from({ length: devices }, () => 'emulator');
  const agent = devices === 0 ? await queue.agent('none', []) : await queue.agent('rack', targets);
  await deps.sql.write([
    { sql: `INSERT INTO orgs (id, created_at) VALUES ('acme', 0), ('rival', 0) ON CONFLICT DO NOTHING` },
  ]);
  let leases = 0;
  return {
    queue,
    agent,
    borrow: borrowsOf(queue),
    settle: () => settleBorrows(deps),
    /** All jobs of the lease pass. */
    async finish(lease: Lease, verdict: 'passed' | 'failed' = 'passed') {
      const tests = [{ name: 't', status: verdict, duration_ms: 1 }];
      for (const { job_id: jobId, next_attempt: attempt } of lease.jobs) {
        const report = { attempt, verdict, duration_ms: 1, tests };
        await finishAttempt(deps, everyone, { leaseId: lease.lease_id, jobId, attempt }, report);
      }
    },
    installed: (lease: Lease) =>
      reportInstalled(deps, everyone, lease.lease_id, { ok: true, duration_ms: 1, installs: 1 }),
    /** A lease request of the first device. */
    ask(input: Partial<TakeLease>) {
      leases += 1;
      const request = { lease_id: `lease-asked-${leases}`, boot_id: 'boot-of-rack', wait_ms: 0, ...input };
      return takeLease(deps, everyone, { device_id: agent.deviceIds[0] ?? '', ...request });
    },
    statusOf: async (device = 0) =>
      (await listDevices(deps, {}, anyOrg)).rows.find(({ device_id: id }) => id === agent.deviceIds[device])
        ?.status,
  };
}

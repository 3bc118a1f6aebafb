import { type Client, createClient, type InStatement } from '@libsql/client';
import { expect, test } from 'vitest';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import { borrowing } from '../../test/support/borrowing.ts';
import { anyOrg, copyTemplate, everyone, openTestQueue, type TestQueue } from '../../test/support/queue.ts';
import { drizzle } from '../db/drizzle.ts';
import { localConnection } from '../db/local-commit.ts';
import { createWriteQueue } from '../db/write-queue.ts';
import { checkUpload } from './attempts/check-upload.ts';
import { finishAttempt } from './attempts/finish-attempt.ts';
import { startAttempt } from './attempts/start-attempt.ts';
import { grantBorrows, listBorrows } from './borrows/index.ts';
import { readBusyDevices } from './dispatch/busy-devices.ts';
import { expireQueued, poolsWithWork, queueDue } from './dispatch/tick.ts';
import { releaseLease } from './leases/release-lease.ts';
import { readHeartbeat, renewLeases } from './leases/renew-leases.ts';
import { reportInstalled } from './leases/report-installed.ts';
import { rescueExpired } from './leases/rescue-leases.ts';
import { commitEnd } from './open-queue.ts';
import {
  deleteJobs,
  evidencePrunedAt,
  findUnknownJobs,
  forgetArtifacts,
  jobsOfPrunedRuns,
  oldestWithEvidence,
  pruneAppVersions,
  pruneAudit,
  pruneBorrows,
  pruneBranches,
  pruneBundles,
  pruneEvents,
  pruneLeases,
  pruneRuns,
} from './retention/index.ts';
import { cancelRun } from './runs/cancel-runs.ts';
import { listJobs, listRuns } from './runs/list-runs.ts';
import { readRun } from './runs/read-run.ts';
import { readEvents } from './store/read-events.ts';
import { readJob } from './store/read-job.ts';
import { addAppBuild, isBuildUsed } from './submit/app-builds.ts';
import { listAppVersions, registerAppVersion } from './submit/app-versions.ts';
import { touchBundle } from './submit/bundles.ts';

/** The SQL of all statements that a client runs from now on. */
function record(client: Client): Set<string> {
  const seen = new Set<string>();
  const note = (one: InStatement | [string, unknown?]) =>
    void seen.add(typeof one === 'string' ? one : Array.isArray(one) ? String(one[0]) : one.sql);
  const { execute, batch } = client;
  client.execute = ((first: InStatement, args?: never) => {
    note(first);
    return execute.call(client, first as string, args as never);
  }) as Client['execute'];
  client.batch = (statements, mode) => {
    for (const one of statements) note(one as InStatement);
    return batch.call(client, statements, mode);
  };
  return seen;
}

/** A queue, and the statements of its client. */
async function openWatchedQueue(): Promise<{ queue: TestQueue; seen: Set<string> }> {
  const client = createClient({ url: `file:${copyTemplate()}`, concurrency: 1, timeout: 2500 });
  const seen = record(client);
  const store = {
    db: drizzle(client, { casing: 'snake_case' }),
    sql: createWriteQueue(localConnection(client), commitEnd),
  };
  return { queue: await openTestQueue({}, store), seen };
}

/** A test fails, and a retry of it alone passes. */
async function retryOne(queue: TestQueue): Promise<void> {
  await queue.submit({ tests: ['r'], target: 'device', retry_failed_tests: 1 });
  const phone = await queue.agent('phones', ['device']);
  const failed = {
    verdict: 'failed',
    only: ['t'],
    tests: [{ id: 't', name: 't', status: 'failed', duration_ms: 1 }],
  };
  const passed = { verdict: 'passed', retried_tests: 1, tests: [{ ...failed.tests[0], status: 'passed' }] };
  for (const report of [failed, passed]) {
    const lease = await phone.mustTake();
    const [job] = lease.jobs;
    const attempt = job?.next_attempt ?? 1;
    const ref = { leaseId: lease.lease_id, jobId: job?.job_id ?? '', attempt };
    const { status } = await finishAttempt(
      queue.deps,
      everyone,
      ref,
      FinishJob.parse({ attempt, duration_ms: 1, ...report }),
    );
    expect(status).toBe(report === failed ? 'queued' : 'passed');
  }
}

/** A device is waited for, lent, kept for longer and given back; another one is held after a failure. */
async function borrowOne(queue: TestQueue): Promise<void> {
  const { deps } = queue;
  const { agent, borrow, settle, finish } = await borrowing(2, queue);
  await borrow({ target: 'emulator', minutes: 5 });
  await settle();
  const named = await borrow({ device_id: agent.deviceIds[0], minutes: 5 });
  await settle();
  await grantBorrows(deps, 1, agent.deviceIds);
  await borrow.extend(named.borrow_id, 10);
  await borrow.watch(named.borrow_id);
  await listBorrows(deps, { org_id: 'acme' }, anyOrg);
  await borrow.end(named.borrow_id);
  queue.advance(3_600_000);
  await settle();
  await queue.submit({ tests: ['h'], target: 'browser', hold_minutes: 5, retry_failed_tests: 0 });
  const held = await (await queue.agent('holder', ['browser'])).mustTake();
  await finish(held, 'failed');
}

/** Runs every verb that changes jobs. */
async function workADay(queue: TestQueue): Promise<void> {
  const { deps } = queue;
  const tests = Array.from({ length: 24 }, (_, n) => `t${n}`);
  const { run } = await queue.submit({ tests, retry_failed_tests: 0 }, 'key');
  await queue.submit({ tests: ['a'] });
  await queue.submit({ app_version_id: 'v2', delay_ms: 10 });
  await queue.submit({ target: 'device/none' }).catch(() => undefined);
  await queue.submit({ tests: ['a'] }, 'key-2');
  await queue.submit({ tests: ['a'] }, 'key-2');
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  const lease = await agent.take(0);
  const other = await agent.take(1);
  if (!lease || !other) throw new Error('nothing was leased');
  const beat = { agentId: agent.agentId, bootId: 'boot-of-rack', leaseIds: [lease.lease_id] };
  await renewLeases(deps, everyone, beat);
  await readHeartbeat(deps, everyone, beat);
  await reportInstalled(deps, everyone, lease.lease_id, { ok: true, duration_ms: 1, installs: 1 });
  const broken = { ok: false, duration_ms: 1, installs: 0, error_class: 'install_failed' } as const;
  await reportInstalled(deps, everyone, other.lease_id, broken);
  const [first, second] = lease.jobs.map((job) => ({
    leaseId: lease.lease_id,
    jobId: job.job_id,
    attempt: 1,
  }));
  if (!first || !second) throw new Error('the lease is too small');
  await startAttempt(deps, everyone, first);
  await checkUpload(deps, everyone, first);
  const infra = { attempt: 1, verdict: 'error', error_class: 'infra_error', duration_ms: 1 } as const;
  await finishAttempt(deps, everyone, first, infra);
  await startAttempt(deps, everyone, second);
  queue.advance(61_000);
  await rescueExpired(deps);
  await queueDue(deps);
  await readEvents(deps, 0);
  await poolsWithWork(deps);
  await readBusyDevices(deps, 1, deps.now());
  const last = await (await queue.agent('rack2', ['emulator'])).take(0);
  await releaseLease(deps, everyone, last?.lease_id ?? '');
  await readRun(deps, run.run_id, 0, anyOrg);
  await readJob(deps, first.jobId, anyOrg);
  await listJobs(deps, { org_id: 'acme', limit: 10 }, anyOrg);
  await listJobs(deps, { run_id: run.run_id, limit: 10 }, anyOrg);
  await listRuns(deps, { org_id: 'acme' }, anyOrg);
  await retryOne(queue);
  await borrowOne(queue);
  queue.advance(25 * 3_600_000);
  await expireQueued(deps);
  await cancelRun(deps, run.run_id, anyOrg);
  await prune(queue);
}

/** Runs every verb that deletes what is old or takes too much room. */
async function prune(queue: TestQueue): Promise<void> {
  const { deps } = queue;
  queue.advance(3_600_000);
  const now = deps.now();
  const old = await oldestWithEvidence(deps, now);
  if (old === undefined) throw new Error('no run has ended');
  const [job] = await forgetArtifacts(deps, old, 0, 1);
  await forgetArtifacts(deps, old, Number.MAX_SAFE_INTEGER, 1);
  await evidencePrunedAt(deps, old);
  await findUnknownJobs(deps, [job?.id ?? '']);
  await pruneRuns(deps, now, 10);
  await deleteJobs(deps, await jobsOfPrunedRuns(deps, 10));
  await pruneEvents(deps, now, 10);
  await pruneLeases(deps, now, 0, 10);
  await pruneBorrows(deps, now, 10);
  await pruneAudit(deps, now, 10);
  await pruneBranches(deps, now, 10);
  await pruneBundles(deps, now, 10);
  await touchBundle(deps, { orgId: 'acme', sha256: '0'.repeat(64) });
  const app = { orgId: 'acme', id: 'v1' };
  await registerAppVersion(deps, app, { platform: 'android' });
  await addAppBuild(deps, app, { sha256: '0'.repeat(64), size: 1 });
  await isBuildUsed(deps, { orgId: 'acme', sha256: '0'.repeat(64) });
  await listAppVersions(deps, 'acme', { cursor: '9' });
  await pruneAppVersions(deps, now, 10);
}

test('no statement that runs while jobs change scans jobs, attempts, runs, batches or leases, or sorts jobs', async () => {
  const { queue, seen } = await openWatchedQueue();
  await workADay(queue);
  const plans = createClient({ url: `file:${copyTemplate()}` });
  const bad: string[] = [];
  for (const sql of seen) {
    // After EXPLAIN of some statements a local connection cannot commit, so this connection is not used again.
    if (!/^\s*(WITH|SELECT|INSERT|UPDATE|DELETE)/i.test(sql)) continue;
    const { rows } = await plans.execute(`EXPLAIN QUERY PLAN ${sql}`);
    for (const { detail } of rows) {
      if (isSlow(String(detail), sql)) bad.push(`${detail}\n  ${sql}`);
    }
  }
  plans.close();
  expect(bad).toEqual([]);
  expect([...seen].filter((sql) => sql.includes('UPDATE jobs')).length).toBeGreaterThan(8);
});

/**
 * Tables with a row per agent, device, org or pool may be scanned. `f` are the sums over the commit's own events; `i`
 * are the values in the parameter of the statement; json_each and subqueries are no tables.
 */
const small = /^SCAN (agents|orgs|pools|p|own|shared|a|f|i)\b/;

function isSlow(detail: string, sql: string): boolean {
  if (detail.startsWith('SCAN')) {
    return !(/VIRTUAL TABLE|CONSTANT ROW|^SCAN \(subquery/.test(detail) || small.test(detail));
  }
  return detail.includes('TEMP B-TREE FOR ORDER BY') && /(FROM|JOIN|from|join) "?jobs\b/.test(sql);
}

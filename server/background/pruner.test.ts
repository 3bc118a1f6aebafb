import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { everyone, openTestQueue, type TestQueue, tempFolder } from '../../test/support/queue.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import { finishAttempt } from '../queue/attempts/finish-attempt.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { writeAudit } from '../queue/audit/index.ts';
import { cancelRun } from '../queue/runs/cancel-runs.ts';
import { retryRun } from '../queue/runs/retry-runs.ts';
import { markBlob } from '../queue/store/blob-marks.ts';
import { addAppBuild } from '../queue/submit/app-builds.ts';
import { registerAppVersion } from '../queue/submit/app-versions.ts';
import { addBundle, touchBundle } from '../queue/submit/bundles.ts';
import { Pruner, type PrunerOptions } from './pruner.ts';

const hour = 3_600_000;
const day = 24 * hour;
const anyOrg = { orgId: undefined };

/** A queue with a device, blobs in a folder, and a pruner that keeps runs for 30 days. */
async function openLab(options: Partial<PrunerOptions> = {}) {
  const queue = await openTestQueue();
  const folder = tempFolder();
  const blobs = await openBlobs({ folder }, { limits: { keepFreeBytes: 0 }, now: Date.now });
  const agent = await queue.agent('rack', ['emulator']);
  let monotonic = 0;
  const pruner = new Pruner(queue.deps, blobs, {
    ...{ keepMs: 30 * day, maxBlobBytes: undefined, monotonic: () => monotonic },
    ...options,
  });
  return {
    ...{ queue, folder, blobs, agent },
    /** Passes until nothing is left to do; an hour of the pruner's own clock goes by before. */
    async prune(passes = 10) {
      monotonic += hour;
      for (let n = 0; n < passes; n += 1) await pruner.pass();
    },
    pruneOnce: () => pruner.pass(),
    count: (table: string, where = 'true') => count(queue, table, where),
    /** Runs a submitted job to its end, and leaves a log and an artifact of 100 bytes. */
    async work() {
      const lease = await agent.mustTake();
      const [job] = lease.jobs;
      const ref = { leaseId: lease.lease_id, jobId: job?.job_id ?? '', attempt: job?.next_attempt ?? 1 };
      await startAttempt(queue.deps, everyone, ref);
      await finishAttempt(queue.deps, everyone, ref, { attempt: 1, verdict: 'passed', duration_ms: 5 });
      await blobs.logs.append(ref.jobId, 1, 0, Buffer.alloc(100));
      const received = await blobs.artifacts.receive(bytes(100), {
        ...{ maxBytes: 1000, size: undefined, sha256: undefined },
      });
      await received.keep({ jobId: ref.jobId, artifactId: 'art_1' });
      return ref;
    },
    files: (kind: 'logs' | 'artifacts') =>
      existsSync(join(folder, kind))
        ? readdirSync(join(folder, kind)).filter((one) => !one.startsWith('.'))
        : [],
  };
}

async function* bytes(size: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(size);
}

async function count({ deps }: TestQueue, table: string, where: string): Promise<number> {
  const [row] = await deps.sql.read(`SELECT count(*) AS n FROM ${table} WHERE ${where}`);
  return Number(row?.n);
}

const tables = ['runs', 'jobs', 'attempts', 'batches', 'artifacts', 'leases', 'pruned_runs'];

test('a run that ended long ago goes with all that belongs to it; what outlives runs stays', async () => {
  const lab = await openLab();
  await lab.queue.submit({ tests: ['a.spec.ts'] }, 'key-1');
  const { jobId } = await lab.work();
  const kept = ['durations', 'groups', 'agents', 'devices', 'orgs'];
  const before = await Promise.all(kept.map((table) => lab.count(table)));
  lab.queue.advance(31 * day);
  await lab.prune();
  for (const table of tables) expect([table, await lab.count(table)]).toEqual([table, 0]);
  expect([lab.files('logs'), lab.files('artifacts')]).toEqual([[], []]);
  expect(await Promise.all(kept.map((table) => lab.count(table)))).toEqual(before);
  expect(jobId).not.toBe('');
  // Its idempotency key is free again, and the numbers of events go on.
  expect(await lab.count('events')).toBe(1);
  const { replayed, run } = await lab.queue.submit({ tests: ['other.spec.ts'] }, 'key-1');
  expect(replayed).toBe(false);
  expect(run.rev).toBeGreaterThan(1);
});

test('what is live, what is young, and a run whose retry is live stay', async () => {
  const lab = await openLab();
  const old = (await lab.queue.submit({ tests: ['old.spec.ts'] })).run.run_id;
  await lab.work();
  await lab.queue.submit({ tests: ['live.spec.ts'], queue_timeout_ms: 30 * day });
  lab.queue.advance(29 * day);
  const young = (await lab.queue.submit({ tests: ['young.spec.ts'] })).run.run_id;
  await cancelRun(lab.queue.deps, young, anyOrg);
  const retry = (await retryRun(lab.queue.deps, { id: old }, anyOrg)).run.run_id;
  lab.queue.advance(2 * day);
  await lab.prune();
  expect(await lab.count('runs')).toBe(4);
  expect(await lab.count('jobs')).toBe(4);
  await cancelRun(lab.queue.deps, retry, anyOrg);
  await lab.prune();
  expect(await lab.count('runs', `id = '${old}'`)).toBe(0);
  expect(await lab.count('runs')).toBe(3);
  expect(lab.files('logs')).toEqual([]);
});

test('a large run is gone at once for readers, and deleted in steps that a crash may part', async () => {
  const lab = await openLab();
  const tests = Array.from({ length: 400 }, (_, n) => `${n}.spec.ts`);
  const { run } = await lab.queue.submit({ tests });
  await cancelRun(lab.queue.deps, run.run_id, anyOrg);
  lab.queue.advance(31 * day);
  await lab.pruneOnce();
  expect(await lab.count('runs')).toBe(0);
  const left = await lab.count('jobs');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(400);
  // Another process goes on, also one that keeps all from now on.
  const next = new Pruner(lab.queue.deps, lab.blobs, {
    ...{ keepMs: undefined, maxBlobBytes: undefined, monotonic: () => 0 },
  });
  for (let n = 0; n < 10; n += 1) await next.pass();
  for (const table of tables) expect([table, await lab.count(table)]).toEqual([table, 0]);
});

test('the sums of pools are right after a batch was deleted that its clock had not passed', async () => {
  const lab = await openLab();
  const { run } = await lab.queue.submit({ tests: ['a.spec.ts'] });
  await cancelRun(lab.queue.deps, run.run_id, anyOrg);
  lab.queue.advance(31 * day);
  await lab.prune();
  const [pool] = await lab.queue.deps.sql.read(
    `SELECT virtual_weight AS v, queued_weight AS q FROM pools WHERE target = 'emulator' AND owner = ''`,
  );
  expect(pool).toMatchObject({ v: 0, q: 0 });
});

test('a file that cannot be removed keeps its own job alone, and is tried again', async () => {
  const lab = await openLab();
  await lab.queue.submit({ tests: ['stuck.spec.ts'] });
  const stuck = await lab.work();
  await lab.queue.submit({ tests: ['other.spec.ts'] });
  await lab.work();
  const { jobs } = lab.blobs.logs;
  const remove = jobs.remove.bind(jobs);
  jobs.remove = (jobId, before) =>
    jobId === stuck.jobId ? Promise.reject(new Error('the disk does not answer')) : remove(jobId, before);
  lab.queue.advance(31 * day);
  await expect(lab.prune(1)).rejects.toThrow('the disk does not answer');
  expect([await lab.count('jobs', `id = '${stuck.jobId}'`), await lab.count('jobs')]).toEqual([1, 1]);
  // The other kinds of work had their turn in the same pass.
  expect([await lab.count('leases'), await lab.count('events')]).toEqual([0, 1]);
  jobs.remove = remove;
  await lab.prune();
  for (const table of tables) expect([table, await lab.count(table)]).toEqual([table, 0]);
  expect(lab.files('logs')).toEqual([]);
});

test('what failed on a branch outlives its runs, and goes when the branch had no run for three times as long', async () => {
  const { queue, agent, prune, count } = await openLab({ keepMs: 40 * day });
  const failOn = async (ref: string) => {
    await queue.submit({ branch: { repository_id: '7', ref }, retry_failed_tests: 0 });
    const lease = await agent.mustTake();
    const attempt = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
    await finishAttempt(queue.deps, everyone, attempt, { attempt: 1, verdict: 'failed', duration_ms: 5 });
  };
  const known = async () => [await count('runs'), await count('base_runs'), await count('base_failures')];
  await failOn('old');
  queue.advance(60 * day);
  await failOn('main');
  await prune();
  expect(await known()).toEqual([1, 2, 2]);
  queue.advance(61 * day);
  await prune();
  expect(await known()).toEqual([0, 1, 1]);
});

test('without a limit of time nothing is deleted', async () => {
  const lab = await openLab({ keepMs: undefined });
  await lab.queue.submit({ tests: ['a.spec.ts'] });
  await lab.work();
  lab.queue.advance(1000 * day);
  await lab.prune();
  expect([await lab.count('runs'), await lab.count('leases'), lab.files('logs').length]).toEqual([1, 1, 1]);
});

test('where files take too much room, those of the runs that ended first go, never those of the last hour', async () => {
  const lab = await openLab({ maxBlobBytes: 450 });
  const jobs: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    await lab.queue.submit({ tests: [`${n}.spec.ts`] });
    jobs.push((await lab.work()).jobId);
    lab.queue.advance(30 * 60_000);
  }
  await lab.prune();
  // 800 bytes: two runs of 200 go, and their rows stay.
  expect(lab.files('logs').sort()).toEqual(jobs.slice(2).sort());
  expect(lab.files('artifacts').sort()).toEqual(jobs.slice(2).sort());
  expect(await lab.count('runs', 'evidence_pruned_at IS NOT NULL')).toBe(2);
  expect([await lab.count('jobs'), await lab.count('attempts')]).toEqual([4, 4]);
});

test('files of the last hour stay, whatever they take', async () => {
  const lab = await openLab({ maxBlobBytes: 1 });
  await lab.queue.submit({ tests: ['a.spec.ts'] });
  await lab.work();
  await lab.prune();
  expect(lab.files('logs')).toHaveLength(1);
});

test('a bundle goes when nobody used it for long and no run that is there may need it', async () => {
  const lab = await openLab();
  const sha = (digit: string): string => digit.repeat(64);
  const keep = async (digit: string): Promise<void> => {
    const path = join(lab.folder, 'bundles', 'x');
    mkdirSync(path, { recursive: true });
    await addBundle(lab.queue.deps, { orgId: 'acme', sha256: sha(digit) }, 1);
  };
  const bundles = async (): Promise<string[]> =>
    (await lab.queue.deps.sql.read('SELECT sha256 FROM bundles ORDER BY sha256')).map(({ sha256 }) =>
      String(sha256).slice(0, 1),
    );
  await keep('a');
  await keep('b');
  await lab.queue.submit({ source: { kind: 'bundle', sha256: sha('b') }, queue_timeout_ms: 30 * day });
  lab.queue.advance(31 * day);
  await lab.prune();
  // The run that is live was submitted when both were used.
  expect(await bundles()).toEqual(['a', 'b']);
  await lab.queue.deps.sql.write([
    { sql: `UPDATE bundles SET last_used_at = 0 WHERE sha256 = '${sha('a')}'` },
  ]);
  await lab.prune();
  expect(await bundles()).toEqual(['b']);
});

test('a bundle that somebody has just asked for stays for the submit that follows', async () => {
  const lab = await openLab();
  const key = { orgId: 'acme', sha256: 'a'.repeat(64) };
  await addBundle(lab.queue.deps, key, 1);
  lab.queue.advance(31 * day);
  await touchBundle(lab.queue.deps, key);
  await lab.prune();
  await lab.queue.submit({ source: { kind: 'bundle', sha256: key.sha256 } });
  lab.queue.advance(31 * day);
  await lab.prune();
  expect(await lab.count('bundles')).toBe(1);
});

test('a bundle is deleted with its bytes, but not when it was uploaded again meanwhile', async () => {
  const lab = await openLab();
  const text = Buffer.from('packed');
  const key = { orgId: 'acme', sha256: createHash('sha256').update(text).digest('hex') };
  const upload = () =>
    lab.blobs.bundles.inTurn(key, async () => {
      await markBlob(lab.queue.deps, lab.blobs.bundles.nameOf(key));
      async function* chunks() {
        yield text;
      }
      await lab.blobs.bundles.keep(key, chunks(), text.length);
      await addBundle(lab.queue.deps, key, text.length);
    });
  await upload();
  lab.queue.advance(31 * day);
  await Promise.all([lab.prune(1), upload()]);
  const row = await lab.count('bundles');
  expect(await lab.blobs.bundles.has(key)).toEqual(row === 1 ? { size: text.length } : undefined);
  lab.queue.advance(31 * day);
  await lab.prune();
  expect([await lab.count('bundles'), await lab.blobs.bundles.has(key)]).toEqual([0, undefined]);
});

/** Registers an app version with a build, as an upload does. */
async function addApp({ queue, blobs }: Awaited<ReturnType<typeof openLab>>, id: string, text: string) {
  async function* chunks() {
    yield Buffer.from(text);
  }
  await registerAppVersion(queue.deps, { orgId: 'acme', id }, { platform: 'android' });
  const file = await blobs.apps.receive(chunks(), { size: undefined });
  const key = { orgId: 'acme', sha256: file.sha256 };
  await file.keep('acme');
  await addAppBuild(queue.deps, { orgId: 'acme', id }, file);
  return key;
}

test('an app version goes when nobody used it for long and no run that is there is of it, its build with the last', async () => {
  const lab = await openLab();
  const shared = await addApp(lab, 'v1', 'one build');
  await addApp(lab, 'v2', 'one build');
  const own = await addApp(lab, 'v3', 'another');
  lab.queue.advance(20 * day);
  await lab.queue.submit({ app_version_id: 'v2', queue_timeout_ms: 30 * day });
  lab.queue.advance(20 * day);
  await lab.prune();
  expect(await lab.count('app_versions', `id IN ('v1', 'v3')`)).toBe(0);
  expect(await lab.blobs.apps.has(own)).toBeUndefined();
  expect(await lab.blobs.apps.has(shared)).toEqual({ size: 9 });
  // The run is live, however old it is.
  lab.queue.advance(11 * day);
  await lab.prune();
  expect(await lab.count('app_versions')).toBe(1);
});

test('an app version that was used within its time stays, and without a limit of time all stay', async () => {
  const lab = await openLab();
  await addApp(lab, 'v1', 'one build');
  lab.queue.advance(31 * day);
  await registerAppVersion(lab.queue.deps, { orgId: 'acme', id: 'v1' }, { platform: 'android' });
  await lab.prune();
  expect(await lab.count('app_versions')).toBe(1);
  const all = await openLab({ keepMs: undefined });
  await addApp(all, 'v1', 'one build');
  all.queue.advance(1000 * day);
  await all.prune();
  expect(await all.count('app_versions')).toBe(1);
});

test('the bytes of apps that no version has are swept after a day', async () => {
  const lab = await openLab({ keepMs: undefined });
  const kept = await addApp(lab, 'v1', 'one build');
  const lost = await addApp(lab, 'v2', 'another');
  await lab.queue.deps.sql.write([{ sql: `DELETE FROM app_versions WHERE id = 'v2'` }]);
  for (const file of readdirSync(join(lab.folder, 'apps'), { recursive: true, withFileTypes: true }))
    if (file.isFile()) utimesSync(join(file.parentPath, file.name), 0, 0);
  await lab.prune();
  expect(await lab.blobs.apps.has(kept)).toBeDefined();
  expect(await lab.blobs.apps.has(lost)).toBeUndefined();
});

test('files that no row knows are swept after a day, and those of jobs are not', async () => {
  const lab = await openLab({ keepMs: undefined });
  await lab.queue.submit({ tests: ['a.spec.ts'] });
  const { jobId } = await lab.work();
  const longAgo = new Date(0);
  for (const kind of ['logs', 'artifacts'] as const) {
    for (const [id, at] of [
      ['job_unknown', longAgo],
      ['job_new', new Date('2100-01-01')],
    ] as const) {
      mkdirSync(join(lab.folder, kind, id), { recursive: true });
      writeFileSync(join(lab.folder, kind, id, 'x'), 'x');
      utimesSync(join(lab.folder, kind, id), at, at);
    }
    utimesSync(join(lab.folder, kind, jobId), longAgo, longAgo);
  }
  await lab.prune();
  for (const kind of ['logs', 'artifacts'] as const)
    expect(lab.files(kind).sort()).toEqual([jobId, 'job_new'].sort());
});

test.each([
  ['for as long as is set, and no longer', 400 * day, ['new']],
  ['for ever where that is set', undefined, ['old', 'new']],
])('lines of the audit log are kept %s, whatever becomes of runs', async (_, keepAuditMs, kept) => {
  const { queue, prune } = await openLab({ keepAuditMs });
  const by = { kind: 'operator', tokenId: '', address: '', requestId: '' } as const;
  const write = (targetId: string) =>
    writeAudit(queue.deps, [{ by, orgId: null, action: 'org.created', targetKind: 'org', targetId }]);
  await write('old');
  queue.advance(200 * day);
  await prune();
  await write('new');
  queue.advance(201 * day);
  await prune();
  const rows = await queue.deps.sql.read('SELECT target_id FROM audit ORDER BY seq');
  expect(rows.map((row) => row.target_id)).toEqual(kept);
});

test('sessions of browsers go a day after their time', async () => {
  const { queue, prune, count } = await openLab();
  const now = queue.deps.now();
  const session = (id: string, end: number) => ({
    sql: `INSERT INTO web_sessions (id, hash, token_id, created_at, expires_at) VALUES (?, 'x', 't', 1, ?)`,
    args: [id, end],
  });
  await queue.deps.sql.write([
    session('old', now - day - 1),
    session('ended', now - hour),
    session('live', now + hour),
  ]);
  await prune();
  expect(await count('web_sessions')).toBe(2);
  expect(await count('web_sessions', `id = 'old'`)).toBe(0);
});

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { ArtifactLab, testLimits, until } from '../../test/support/artifact-lab.ts';
import { filesBelow, joinPieces, readTar, restoreInto, takeBackup } from '../../test/support/backup-lab.ts';
import { openTestStore, tempFolder } from '../../test/support/queue.ts';
import { addOrg, dumpDatabase, openServer, startTestServer } from '../../test/support/server.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import { hasLog } from '../db/check-database.ts';
import { openQueue } from '../queue/open-queue.ts';
import { createBackups } from './create-backups.ts';

/** A server with a run that has a log, an artifact, a bundle and the build of an app. */
async function openLab() {
  const server = await startTestServer({ artifactLimits: testLimits });
  const lab = await ArtifactLab.open(server);
  const held = await lab.acme.running();
  await lab.upload(held, 'trace.zip', 'a trace');
  await server.ask('appendLogs', {
    ...{ token: held.lease.token, params: lab.params(held), query: { attempt: 1, offset: 0 } },
    body: new TextEncoder().encode('begins\n'),
  });
  const params = { id: 'v1' };
  const query = { org_id: 'acme' };
  await server.ask('registerAppVersion', { params, query, body: { platform: 'android' } });
  await server.ask('uploadAppFile', { params, query, body: new TextEncoder().encode('an app') });
  return { server, lab, held };
}

test('what is restored is what was backed up, row by row and file by file, and the server goes on with it', async () => {
  const { server, held, lab } = await openLab();
  const backup = await takeBackup(server);
  const blobs = filesBelow(join(server.dataDir, 'blobs'));
  await server.close();
  const before = dumpDatabase(server.dataDir);

  const { dataDir, manifest, end, spoilt } = await restoreInto(backup);
  expect({ ...end, spoilt }).toMatchObject({ files: 3, missing: 0, unreadable: 0, spoilt: 0 });
  expect(manifest.rows).toMatchObject({ runs: 1, jobs: 1, attempts: 1, artifacts: 1 });
  expect(filesBelow(join(dataDir, 'blobs'))).toEqual(blobs);
  expect(dumpDatabase(dataDir)).toEqual(before);

  const again = await openServer(dataDir);
  // The token of before, the lease of before, and the log of before.
  const client = again.as(server.adminToken);
  expect((await client.call('listJobs')).jobs).toMatchObject([{ status: 'running' }]);
  const params = lab.params(held);
  const appended = await again.as(held.lease.token).call('appendLogs', {
    ...{ params, query: { attempt: 1, offset: 7 }, body: new TextEncoder().encode('ends\n') },
  });
  expect(appended).toEqual({ size: 12 });
  const body = { attempt: 1, verdict: 'passed' as const, duration_ms: 5 };
  expect(await again.as(held.lease.token).call('finishJob', { params, body })).toMatchObject({
    status: 'passed',
  });
  await again.close();
});

test('without files it says so, and the restored server answers that they are gone', async () => {
  const { server, lab, held } = await openLab();
  const backup = await takeBackup(server, { files: 'false' });
  expect((await readTar(backup)).map(({ name }) => name)).toEqual(['manifest.json', 'qgjob.db', 'end.json']);
  const { dataDir, manifest } = await restoreInto(backup);
  expect(manifest.files).toBeNull();
  const again = await openServer(dataDir);
  const [artifact] = await lab.list(held);
  const answer = await again.ask('getArtifact', {
    token: server.adminToken,
    params: { id: artifact?.artifact_id ?? '' },
  });
  expect(answer).toMatchObject({
    status: 404,
    json: { error: { message: expect.stringContaining('are gone') } },
  });
  await again.close();
});

test('a file that is deleted while a backup is made is left out and counted, and one that cannot be read to its end is not restored', async () => {
  const { server, lab, held } = await openLab();
  await lab.upload(held, 'video.webm', 'a video');
  const artifacts = join(server.dataDir, 'blobs/artifacts', held.job.job_id);
  const ids = (await lab.list(held)).map((one) => one.artifact_id);
  rmSync(join(artifacts, ids[0] ?? ''));
  writeFileSync(join(artifacts, ids[1] ?? ''), 'a vid');
  const { dataDir, end, spoilt } = await restoreInto(await takeBackup(server));
  expect({ ...end, spoilt }).toMatchObject({ files: 3, missing: 1, unreadable: 1, spoilt: 1 });
  expect(
    Object.keys(filesBelow(join(dataDir, 'blobs'))).some((name) => name.startsWith('artifacts/job_')),
  ).toBe(false);
});

test('the log of an attempt that began after the moment of the backup is not in it', async () => {
  const { server, held } = await openLab();
  const store = await openBlobs({ folder: join(server.dataDir, 'blobs') }, { now: Date.now });
  await store.logs.append(held.job.job_id, 2, 0, new TextEncoder().encode('of the second attempt\n'));
  const names = (await readTar(await takeBackup(server))).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('logs/'))).toEqual([`logs/${held.job.job_id}/1.log`]);
});

test('one backup is made at a time; a caller that goes away ends it, and nothing of it stays', async () => {
  const { server } = await openLab();
  const whole = await takeBackup(server);
  const abort = new AbortController();
  const { url, adminToken } = server;
  const headers = { authorization: `Bearer ${adminToken}` };
  const first = fetch(`${url}/v1/backup`, { headers, signal: abort.signal });
  const copies = () => readdirSync(join(server.dataDir, '.snapshots'));
  await until(() => expect(copies()).toHaveLength(1));
  const second = await server.ask('getBackup');
  expect(second).toMatchObject({ status: 409, json: { error: { code: 'conflict' } } });
  abort.abort();
  await first.then((answer) => answer.body?.cancel()).catch(() => undefined);
  await until(() => expect(copies()).toEqual([]));
  expect(await takeBackup(server)).toHaveLength(whole.length);
});

test('writes go on while a large database is copied, and none of them is lost', async () => {
  const { file, sql } = await openTestStore();
  await sql.write([
    {
      sql: `INSERT INTO events (at, org_id, type, was)
            SELECT 1, 'acme', 'filler', hex(randomblob(500)) FROM (
              WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000) SELECT i FROM n)`,
    },
  ]);
  const folder = tempFolder();
  const blobs = await openBlobs({ folder: join(folder, 'blobs') }, { now: Date.now });
  const backups = createBackups({ place: file, folder, blobs, version: '1', now: () => 1 });
  let isOver = false;
  const reading = (async () => {
    const bytes = await joinPieces(await backups.read({ withFiles: true }));
    isOver = true;
    return bytes;
  })();
  let n = 0;
  for (; !isOver; n += 1) {
    await sql.write([{ sql: `INSERT INTO orgs (id, created_at) VALUES (?, ?)`, args: [`org-${n}`, n] }]);
    await sleep(1);
  }
  const backup = await reading;
  expect(n).toBeGreaterThan(5);
  expect(backup.length).toBeGreaterThan(15e6);
  const { dataDir, manifest } = await restoreInto(backup);
  const restored = await openQueue(join(dataDir, 'qgjob.db'));
  const rows = await restored.sql.read('SELECT count(*) AS n, max(created_at) + 1 AS next FROM orgs');
  // What was written first, up to some moment, and nothing of what came later.
  expect(rows).toMatchObject([{ n: manifest.rows.orgs, next: manifest.rows.orgs }]);
  await restored.close();
  expect(await sql.read('SELECT count(*) AS n FROM orgs')).toMatchObject([{ n }]);
  expect(await sql.read('PRAGMA integrity_check')).toMatchObject([{ integrity_check: 'ok' }]);
});

test('a reader that stands still keeps no other backup from being made', async () => {
  const { file } = await openTestStore();
  const folder = tempFolder();
  const blobs = await openBlobs({ folder: join(folder, 'blobs') }, { now: Date.now });
  const backups = createBackups({ place: file, folder, blobs, version: '1', now: () => 1 }, 50);
  const first = (await backups.read({ withFiles: false }))[Symbol.asyncIterator]();
  await first.next();
  // Refused for as long as the first one holds its copy.
  const reading = await vi.waitFor(() => backups.read({ withFiles: false }), {
    timeout: 30_000,
    interval: 5,
  });
  expect(readdirSync(folder).filter((name) => name.startsWith('snapshot-'))).toHaveLength(1);
  const second: Uint8Array[] = [];
  for await (const piece of reading) second.push(piece);
  expect(second.length).toBeGreaterThan(0);
  await expect(first.next()).rejects.toMatchObject({ code: 'unavailable' });
});

test('a stop while a backup is made is a clean one', async () => {
  const server = await startTestServer();
  await addOrg(server, 'acme');
  const asked = server.ask('getBackup').catch(() => undefined);
  await until(() => expect(readdirSync(server.dataDir)).toContain('.snapshots'));
  await server.close();
  await asked;
  expect(readdirSync(server.dataDir).filter((name) => /\.lock|server\.json/.test(name))).toEqual([]);
  // Nothing for the next start to look for.
  expect(hasLog(join(server.dataDir, 'qgjob.db'))).toBe(false);
});

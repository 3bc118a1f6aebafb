import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backupType } from '../../protocol/backup.ts';
import { ArtifactLab, testLimits } from '../../test/support/artifact-lab.ts';
import { restoreInto, takeBackup } from '../../test/support/backup-lab.ts';
import { tempFolder } from '../../test/support/queue.ts';
import { dumpDatabase, loopTables, openServer, startTestServer } from '../../test/support/server.ts';
import { startSqld } from '../../test/support/sqld.ts';
import { SqlPieces } from '../db/remote-snapshot.ts';
import { openReader } from '../db/snapshot.ts';
import { restoreOffline } from '../offline-restore.ts';

const rowsOf = (file: string) => {
  const reader = openReader(file);
  try {
    const tables = [
      ...reader.rows(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '[s_]*[_]*'`),
    ];
    return Object.fromEntries(tables.map(({ name }) => [name, [...reader.rows(`SELECT * FROM "${name}"`)]]));
  } finally {
    reader.close();
  }
};

test('a backup of a file fills a libSQL server, and one of that is a file again, row by row', async () => {
  const server = await startTestServer({ artifactLimits: testLimits });
  const lab = await ArtifactLab.open(server);
  const held = await lab.acme.running();
  await lab.upload(held, 'a.txt', 'hello');
  await lab.acme.submit({ metadata: { words: `it's\n; CREATE TRIGGER 'x'; \\n end` } });
  const backup = await takeBackup(server);
  await server.close();

  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  const folder = tempFolder();
  writeFileSync(join(folder, 'a.tar'), backup);
  const flags = { data_dir: join(folder, 'data'), database_url: sqld.url, blob_dir: join(folder, 'blobs') };
  const restore = () =>
    restoreOffline(flags, {
      ...{ backup: join(folder, 'a.tar'), force: false, intoShared: true, onProgress: () => undefined },
    });
  await restore();
  await expect(restore()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/is not empty/),
  });

  const again = await openServer(flags.data_dir, {
    flags: { database_url: sqld.url, blob_dir: flags.blob_dir },
  });
  onTestFinished(() => again.close());
  const client = again.as(server.adminToken);
  expect((await client.call('listJobs')).jobs).toHaveLength(2);
  const params = lab.params(held);
  const body = {
    attempt: 1,
    verdict: 'passed' as const,
    duration_ms: 5,
    tests: [{ name: 'a', status: 'passed' as const, duration_ms: 5 }],
  };
  expect(await again.as(held.lease.token).call('finishJob', { params, body })).toMatchObject({
    status: 'passed',
  });

  const pieces: Uint8Array[] = [];
  for await (const piece of await client.open('getBackup', { type: backupType })) pieces.push(piece);
  const { dataDir, end } = await restoreInto(Buffer.concat(pieces));
  expect(end).toMatchObject({ files: 1, missing: 0 });
  const restored = rowsOf(join(dataDir, 'qgjob.db'));
  expect(restored.runs).toHaveLength(2);
  expect(JSON.stringify(restored.runs)).toContain(
    JSON.stringify(JSON.stringify(`it's\n; CREATE TRIGGER 'x'; \\n end`)).slice(1, -1),
  );
  expect(restored.jobs).toMatchObject([{ status: 'passed' }, { status: 'queued' }]);
  expect(Object.keys(restored).sort()).toEqual(
    [...Object.keys(dumpDatabase(server.dataDir)), ...loopTables]
      .filter((name) => !name.startsWith('_') && !name.startsWith('sqlite_'))
      .sort(),
  );
});

test('a dump is cut behind statements, however its pieces come', () => {
  const row = `INSERT INTO t VALUES('${'x'.repeat(1000)};');\n`;
  const tail = `CREATE INDEX i ON t(a);\nCREATE TRIGGER x AFTER INSERT ON t BEGIN\n  SELECT 1;\nEND;\nCOMMIT;\n`;
  const dump = `BEGIN TRANSACTION;\n${row.repeat(3000)}${tail}`;
  for (const size of [997, 65_536, dump.length]) {
    const pieces = new SqlPieces();
    const cut: string[] = [];
    for (let at = 0; at < dump.length; at += size) cut.push(...pieces.push(dump.slice(at, at + size)));
    const rest = pieces.end();
    expect(cut.join('') + rest).toBe(dump);
    expect(cut.every((piece) => /;\n?$/.test(piece))).toBe(true);
    expect(rest.endsWith(tail)).toBe(true);
  }
});

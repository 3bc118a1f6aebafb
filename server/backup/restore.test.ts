import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { makeTar, readTar, restoreInto, type TarFile } from '../../test/support/backup-lab.ts';
import { allOf } from '../../test/support/blob-kinds.ts';
import { openTestQueue, tempFolder } from '../../test/support/queue.ts';
import { startS3 } from '../../test/support/s3.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import { listObjects } from '../blobs/s3/objects.ts';
import { S3Client } from '../blobs/s3/s3-client.ts';
import { lockDatabase } from '../db/lock-database.ts';
import { restoreOffline } from '../offline-restore.ts';
import { openQueue } from '../queue/open-queue.ts';
import { createBackups } from './create-backups.ts';

const jobId = 'job_0000000000000000000000000001';
const artifactId = 'art_0000000000000000000000000001';
const text = (words: string) => new TextEncoder().encode(words);
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The entries of a good backup: one log, one artifact. */
let good: TarFile[];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qgjob-restore-'));
  const file = join(folder, 'qgjob.db');
  writeFileSync(file, readFileSync(inject('templateDatabase')));
  const store = await openQueue(file);
  await (await openTestQueue({}, store)).submit({});
  await store.sql.write([
    { sql: 'UPDATE jobs SET id = ?', args: [jobId] },
    {
      sql: `INSERT INTO attempts (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at)
            VALUES (?, 1, 'acme', 'lse', 'agt', 'dev', 1)`,
      args: [jobId],
    },
    {
      sql: `INSERT INTO artifacts (id, org_id, job_id, attempt, name, size, sha256, created_at)
            VALUES (?, 'acme', ?, 1, 'a.txt', 5, ?, 1)`,
      args: [artifactId, jobId, hex(text('hello'))],
    },
  ]);
  await store.close();
  const blobs = await openBlobs(
    { folder: join(folder, 'blobs') },
    { limits: { keepFreeBytes: 0 }, now: Date.now },
  );
  await blobs.logs.append(jobId, 1, 0, text('a line\n'));
  const received = await blobs.artifacts.receive(
    (async function* () {
      yield text('hello');
    })(),
    { maxBytes: 5, size: 5, sha256: undefined },
  );
  await received.keep({ jobId, artifactId });
  const backups = createBackups({ place: file, folder, blobs, version: '1.2.3', now: () => 1 });
  const pieces: Uint8Array[] = [];
  for await (const piece of await backups.read({ withFiles: true })) pieces.push(piece);
  good = await readTar(Buffer.concat(pieces));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const named = (name: string): TarFile => {
  const found = good.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name} in the backup`);
  return found;
};

const withJson = (name: string, change: (value: Record<string, unknown>) => unknown): TarFile => ({
  name,
  data: text(JSON.stringify(change(JSON.parse(Buffer.from(named(name).data).toString())))),
});

const replace = (file: TarFile): TarFile[] => good.map((one) => (one.name === file.name ? file : one));
const without = (name: string): TarFile[] => good.filter((one) => one.name !== name);
const beforeEnd = (file: TarFile): TarFile[] => [...good.slice(0, -1), file, ...good.slice(-1)];
const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
};

/** Another database than the manifest's hash is of, with its own. */
const withDatabase = (data: Uint8Array): TarFile[] => [
  withJson('manifest.json', (it) => ({ ...it, database: { bytes: data.length, sha256: hex(data) } })),
  { name: 'qgjob.db', data },
  ...good.slice(2),
];

const artifact = `artifacts/${jobId}/${artifactId}`;

describe('refused in words, with nothing written', () => {
  const cases: [what: string, says: RegExp, files: () => TarFile[]][] = [
    ['no entries', /cut off/, () => []],
    ['another tar', /no backup of qgjob/, () => [{ name: 'README.md', data: text('hello') }]],
    [
      'a manifest of another form',
      /"manifest\.json" is not what it must be/,
      () => replace(withJson('manifest.json', (it) => ({ ...it, format: 2 }))),
    ],
    [
      'a newer schema',
      /made by a newer version of qgjob, 9\.9\.9, and this is 1\.2\.3/,
      () =>
        replace(
          withJson('manifest.json', (it) => ({
            ...it,
            version: '9.9.9',
            schema: { name: '0099_x', made_at: 9e12 },
          })),
        ),
    ],
    [
      'a flipped byte of the database',
      /database is damaged: the bytes are not those of its hash/,
      () => replace({ name: 'qgjob.db', data: flipped(named('qgjob.db').data, 9000) }),
    ],
    [
      'a damaged database with its right hash',
      /database is damaged/,
      () => withDatabase(new Uint8Array(named('qgjob.db').data).fill(0xa5, 8 * 4096, 9 * 4096)),
    ],
    [
      'a text file in the place of the database',
      /database is damaged/,
      () => withDatabase(text('no database '.repeat(1000))),
    ],
    ['no database', /database is missing/, () => without('qgjob.db')],
    ['no end', /cut off/, () => without('end.json')],
    ['a missing file', /it has 1 files of 7 bytes, and 2 of 12 were packed/, () => without(artifact)],
    [
      'the words of a server that could not go on',
      /the disk is full/,
      () => [{ name: 'failed.json', data: text('{"message":"the disk is full"}') }],
    ],
    [
      'a link',
      /holds "logs\/x", a symlink/,
      () => beforeEnd({ name: 'logs/x', data: text(''), type: 'symlink' }),
    ],
    [
      'a hard link',
      /holds "logs\/x", a link/,
      () => beforeEnd({ name: 'logs/x', data: text(''), type: 'link' }),
    ],
    ['a folder', /a directory/, () => beforeEnd({ name: 'logs/', data: text(''), type: 'directory' })],
    [
      'a way out',
      /which is no file of a backup/,
      () => beforeEnd({ name: '../../etc/cron.d/x', data: text('x') }),
    ],
    [
      'a way out below a kind',
      /which is no file of a backup/,
      () => beforeEnd({ name: `artifacts/../../${artifactId}`, data: text('x') }),
    ],
    [
      'an absolute name',
      /which is no file of a backup/,
      () => beforeEnd({ name: '/etc/passwd', data: text('x') }),
    ],
    ['the token', /which is no file of a backup/, () => beforeEnd({ name: 'admin.token', data: text('x') })],
    ['a second database', /which is no file of a backup/, () => beforeEnd(named('qgjob.db'))],
    [
      'a file that no row names',
      /which no row of its database names/,
      () => beforeEnd({ name: `artifacts/${jobId}/art_9`, data: text('x') }),
    ],
    [
      'a log of no attempt',
      /which no row of its database names/,
      () => beforeEnd({ name: `logs/${jobId}/2.log`, data: text('x') }),
    ],
    [
      'a file of another length than its row',
      /another length/,
      () => replace({ name: artifact, data: text('hello, and much more') }),
    ],
  ];

  test.each(cases)('%s', async (_what, says, files) => {
    const dataDir = join(tempFolder(), 'restored');
    const restoring = restoreInto(await makeTar(files()), { dataDir });
    await expect(restoring).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(says) });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('bytes that are no tar, and a tar that ends in the middle of each of its parts', async () => {
    const whole = await makeTar(good);
    const cuts = [100, 700, 3000, whole.length - 2000, whole.length - 1100];
    for (const bytes of [
      Buffer.from('no tar at all '.repeat(100)),
      ...cuts.map((at) => whole.subarray(0, at)),
    ]) {
      const dataDir = join(tempFolder(), 'restored');
      await expect(restoreInto(bytes, { dataDir })).rejects.toMatchObject({ exitCode: 1 });
      expect(readdirSync(dataDir)).toEqual([]);
    }
  });

  test('a database that is there, one on which a server runs, and a stream that breaks', async () => {
    const dataDir = join(tempFolder(), 'data');
    const tar = await makeTar(good);
    await restoreInto(tar, { dataDir });
    const before = readdirSync(dataDir).sort();
    await expect(restoreInto(tar, { dataDir })).rejects.toMatchObject({ code: 'conflict', exitCode: 3 });
    const { unlock } = lockDatabase(join(dataDir, 'qgjob.db'));
    const locked = restoreInto(tar, { dataDir, force: true });
    await expect(locked).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/already runs on/),
    });
    unlock();
    const broken = Readable.from(
      (async function* () {
        yield tar.subarray(0, 100_000);
        throw new Error('the network is gone');
      })(),
    );
    await expect(restoreInto(broken, { dataDir, force: true })).rejects.toThrow(/the network is gone/);
    expect(readdirSync(dataDir).sort()).toEqual(before);
  });
});

describe('a store that other servers use too', () => {
  const openShared = async () => {
    const { place } = await startS3(tempFolder());
    const shared = { folder: join(tempFolder(), 'blobs'), s3: place };
    const { logs } = await openBlobs(shared, { now: Date.now });
    // Of the time after the backup.
    await logs.append(jobId, 1, 0, text('a line\nand another one\n'));
    await logs.append(jobId, 2, 0, text('again\n'));
    const keys = async () => {
      const pages = await allOf(listObjects(new S3Client(place, Date.now), ''));
      return pages.flatMap((page) => page.map(({ key }) => key)).filter((key) => key.includes('/'));
    };
    return { shared, keys };
  };

  test('is as it was when the backup is cut off, or not whole', async () => {
    const { shared, keys } = await openShared();
    const before = await keys();
    const whole = await makeTar(good);
    for (const bytes of [whole.subarray(0, whole.length - 1100), await makeTar(without(artifact))])
      await expect(restoreInto(bytes, { shared })).rejects.toMatchObject({ exitCode: 1 });
    expect(await keys()).toEqual(before);
  });

  test('gets the files of a whole one, and of jobs that had not ended their logs of that moment', async () => {
    const { shared, keys } = await openShared();
    const { dataDir } = await restoreInto(await makeTar(good), { shared });
    expect(await keys()).toEqual([artifact, `logs/${jobId}/1-000000000-7`]);
    expect(existsSync(join(dataDir, 'blobs'))).toBe(false);
  });

  test('is refused in words unless it was asked for', async () => {
    const folder = tempFolder();
    const flags = { data_dir: join(folder, 'data'), blob_dir: join(folder, 'shared') };
    const given = { backup: 'none.tar', force: true, intoShared: false, onProgress: () => undefined };
    await expect(restoreOffline(flags, given)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/logs of jobs that had not ended .* are deleted.*--into-shared-store/),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('with force what was there is moved aside, log and all', async () => {
  const dataDir = join(tempFolder(), 'data');
  const tar = await makeTar(good);
  await restoreInto(tar, { dataDir });
  for (const name of ['qgjob.db', 'qgjob.db-wal', 'blobs/old']) writeFileSync(join(dataDir, name), name);
  const { movedTo } = await restoreInto(tar, { dataDir, force: true });
  const aside = join(dataDir, 'before-restore-20260101T000000Z');
  expect(movedTo).toEqual([aside]);
  expect(readdirSync(aside).sort()).toEqual(['blobs', 'qgjob.db', 'qgjob.db-wal', 'qgjob.db.check']);
  expect(readFileSync(join(aside, 'qgjob.db-wal'), 'utf8')).toBe('qgjob.db-wal');
  expect(readFileSync(join(dataDir, 'blobs/logs', jobId, '1.log'), 'utf8')).toBe('a line\n');
  expect(existsSync(join(dataDir, 'qgjob.db-wal'))).toBe(false);
  await (await openQueue(join(dataDir, 'qgjob.db'))).close();
});

test('a restore that was killed between its renames keeps servers away until the next one', async () => {
  const dataDir = join(tempFolder(), 'data');
  const tar = await makeTar(good);
  await restoreInto(tar, { dataDir });
  const file = join(dataDir, 'qgjob.db');
  writeFileSync(`${file}.restoring`, '');
  mkdirSync(join(dataDir, '.restore-of-the-one-before'));
  const refused = openQueue(file);
  await expect(refused).rejects.toMatchObject({
    exitCode: 1,
    message: `a restore of ${file} was cut off: run \`qgjob restore\` again`,
  });
  await restoreInto(tar, { dataDir });
  expect(readdirSync(dataDir).filter((name) => /restor/.test(name))).toEqual([
    'before-restore-20260101T000000Z',
  ]);
  await (await openQueue(file)).close();
});

test('a byte of the restored database that flips is found by the first start', async () => {
  const { dataDir } = await restoreInto(await makeTar(good));
  const file = join(dataDir, 'qgjob.db');
  writeFileSync(file, readFileSync(file).fill(0xa5, 8 * 4096, 8 * 4096 + 200));
  await expect(openQueue(file)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/is damaged/),
  });
});

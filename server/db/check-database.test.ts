import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { tempFolder } from '../../test/support/queue.ts';
import { openQueue } from '../queue/open-queue.ts';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const good = () => readFileSync(inject('templateDatabase'));

/** A file with these bytes; after a process that was killed where `isDoubtful`. */
function fileOf(bytes: Uint8Array, isDoubtful = false): string {
  const file = join(tempFolder(), 'qgjob.db');
  writeFileSync(file, bytes);
  if (isDoubtful) writeFileSync(`${file}.lock`, JSON.stringify({ pid: 2 ** 30, started: '1' }));
  return file;
}

const damaged = (file: string) => ({
  exitCode: 1,
  message: expect.stringMatching(/^the database \S+\/qgjob\.db is damaged: [^\n]+; restore a backup of it$/),
  code: 'internal',
  file,
});

async function expectDamage(file: string): Promise<void> {
  const { file: _file, ...expected } = damaged(file);
  await expect(openQueue(file)).rejects.toMatchObject(expected);
  // Nothing stays behind that would keep the next start from it.
  expect(readdirSync(join(file, '..')).filter((name) => name.endsWith('.lock'))).toEqual([]);
}

test.each([
  ['no database at all', () => Buffer.from('a diary, for a hundred pages. '.repeat(300))],
  ['a single byte', () => good().subarray(0, 1)],
  ['half of a header', () => good().subarray(0, 50)],
  ['one page of many', () => good().subarray(0, 4096)],
  ['all but the last page', () => good().subarray(0, -4096)],
  ['all but the last byte', () => good().subarray(0, -1)],
  ['another magic', () => flip(good(), 0)],
  ['another page size', () => flip(good(), 16)],
  ['another size in pages', () => flip(good(), 31)],
  ['another schema format', () => flip(good(), 47)],
  ['another text encoding', () => flip(good(), 59)],
])('%s is told as damage at any start', async (_name, bytes) => {
  await expectDamage(fileOf(bytes()));
});

test.each([2, 5, 9, 20, 40])('a spoilt page %i is found after a process that was killed', async (page) => {
  const bytes = good();
  bytes.fill(0xa5, (page - 1) * 4096, (page - 1) * 4096 + 200);
  await expectDamage(fileOf(bytes, true));
});

test('damage that is met while it runs ends all writing, and is found at every start until a backup is restored', async () => {
  const file = fileOf(good());
  const first = await openQueue(file);
  const [row] = await first.sql.read(`SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'`);
  await first.close();
  const start = (Number(row?.rootpage) - 1) * 4096;
  writeFileSync(file, good().fill(0xa5, start, start + 4096));

  const store = await openQueue(file);
  const write = () => store.sql.write([{ sql: `INSERT INTO orgs (id, created_at) VALUES ('a', 1)` }]);
  const told = { code: 'unavailable', message: expect.stringMatching(/^the database is damaged: stop the/) };
  await expect(store.sql.read('SELECT * FROM jobs')).rejects.toMatchObject(told);
  await expect(write()).rejects.toMatchObject(told);
  await store.close();
  await expectDamage(file);
  await expectDamage(file);

  writeFileSync(file, good());
  const restored = await openQueue(file);
  expect(await restored.sql.read('SELECT id FROM jobs')).toEqual([]);
  await restored.close();
  expect(readdirSync(join(file, '..'))).not.toContain('qgjob.db.check');
});

test('a whole database is opened after a process that was killed', async () => {
  const store = await openQueue(fileOf(good(), true));
  await store.sql.write([{ sql: `INSERT INTO orgs (id, created_at) VALUES ('a', 1)` }]);
  await store.close();
});

test('an empty file is a new database, unless a server has run on it or its log is still there', async () => {
  await (await openQueue(fileOf(Buffer.alloc(0)))).close();
  await expect(openQueue(fileOf(Buffer.alloc(0)), { isUsed: true })).rejects.toMatchObject({ exitCode: 1 });
  const file = fileOf(Buffer.alloc(0));
  writeFileSync(`${file}-wal`, 'frames');
  await expectDamage(file);
  expect(readFileSync(`${file}-wal`, 'utf8')).toBe('frames');
});

function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  return bytes;
}

test('the database and what lies beside it are for their owner alone, in a folder that was open to all', async () => {
  const folder = join(tempFolder(), 'open');
  mkdirSync(folder, { mode: 0o755 });
  const fresh = join(folder, 'fresh.db');
  const old = join(folder, 'old.db');
  copyFileSync(inject('templateDatabase'), old);
  writeFileSync(old, good(), { mode: 0o644 });
  for (const file of [fresh, old]) {
    const store = await openQueue(file);
    await store.sql.write([{ sql: `INSERT INTO orgs (id, created_at) VALUES ('a', 1)` }]);
    const names = readdirSync(folder).filter(
      (name) => join(folder, name).startsWith(`${file}`) && !name.endsWith('.lock'),
    );
    expect(names.map((name) => `${name} ${modeOf(join(folder, name))}`).sort()).toEqual(
      ['', '-shm', '-wal'].map((end) => `${file.slice(folder.length + 1)}${end} 600`),
    );
    await store.close();
  }
});

test.each(['100%', 'a%20b', 'a#b', 'a?mode=ro', 'with blanks', 'ünï', ':memory:', "it's", 'a&b=c', '%2e%2e'])(
  'a folder named %s is what it says, with the database, its log and its lock in it',
  async (name) => {
    const parent = tempFolder();
    const folder = join(parent, name);
    mkdirSync(folder);
    const store = await openQueue(join(folder, 'q#1?.db'));
    await store.sql.write([{ sql: `INSERT INTO orgs (id, created_at) VALUES ('a', 1)` }]);
    expect(readdirSync(folder).sort()).toEqual(['', '-shm', '-wal', '.lock'].map((end) => `q#1?.db${end}`));
    expect(readdirSync(parent)).toEqual([name]);
    await store.close();
    const again = await openQueue(join(folder, 'q#1?.db'));
    expect(await again.sql.read('SELECT id FROM orgs')).toMatchObject([{ id: 'a' }]);
    await again.close();
  },
);

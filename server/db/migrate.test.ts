import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api';
import { expect, test } from 'vitest';
import { copyTemplate, openTestStore, tempFolder } from '../../test/support/queue.ts';
import { projectRoot } from '../../test/support/sources.ts';
import { openQueue } from '../queue/open-queue.ts';
import * as schema from './schema.ts';
import * as apps from './schema-apps.ts';
import * as artifacts from './schema-artifacts.ts';
import * as blobs from './schema-blobs.ts';
import * as bundles from './schema-bundles.ts';
import * as usage from './schema-usage.ts';

/** A file on which these statements ran, by another program than a qgjob server. */
async function fileAfter(file: string, ...statements: string[]): Promise<string> {
  const client = createClient({ url: `file:${file}` });
  for (const sql of statements) await client.execute(sql);
  client.close();
  return file;
}

async function expectRefusal(file: string, words: string): Promise<void> {
  const before = readFileSync(file);
  await expect(openQueue(file)).rejects.toMatchObject({
    code: 'internal',
    exitCode: 1,
    message: expect.stringContaining(`the database ${file} ${words}`),
  });
  expect(readFileSync(file).equals(before)).toBe(true);
}

test('the migrations make what the schema says', async () => {
  const made = JSON.parse(lastSnapshot());
  const said = await generateSQLiteDrizzleJson(
    { ...schema, ...apps, ...artifacts, ...blobs, ...bundles, ...usage },
    made.prevId,
    'snake_case',
  );
  expect(await generateSQLiteMigration(made, said)).toEqual([]);
});

test('every table is STRICT', async () => {
  const store = await openTestStore();
  const tables = await store.sql.read(
    `SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT GLOB '*[_]schema' AND name NOT GLOB '[_]*'`,
  );
  expect(tables.length).toBeGreaterThan(10);
  // SQLite's own tables are what they are.
  const own = tables.filter(({ name }) => !String(name).startsWith('sqlite_'));
  expect(own.filter(({ strict }) => strict !== 1)).toEqual([]);
});

test('a database from before the baseline is refused in words, and stays as it is', async () => {
  const older = await fileAfter(
    copyTemplate(),
    'UPDATE __drizzle_migrations SET created_at = created_at - 5000000000',
  );
  await expectRefusal(older, 'was made by a version of qgjob before the first release');
});

test('a database of a newer version is refused in words, and stays as it is', async () => {
  const newer = await fileAfter(
    copyTemplate(),
    `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9000000000000)`,
  );
  await expectRefusal(newer, 'was made by a newer version of qgjob');
});

test("another program's database is refused in words, and stays as it is", async () => {
  const foreign = await fileAfter(
    join(tempFolder(), 'notes.db'),
    'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)',
  );
  await expectRefusal(foreign, 'is not a database of qgjob');
});

test('a refused database whose last writer was killed is still checked page by page at the next start', async () => {
  const file = await fileAfter(
    copyTemplate(),
    `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9000000000000)`,
  );
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: 2 ** 30, started: '1' }));
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xa5, 8 * 4096, 8 * 4096 + 200));
  for (const start of ['first', 'second'])
    await expect(openQueue(file), start).rejects.toMatchObject({
      message: expect.stringContaining('is damaged'),
    });
});

test('a start that was cut off before its first migration is made up for by the next', async () => {
  const file = await fileAfter(
    join(tempFolder(), 'qgjob.db'),
    'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  );
  const store = await openQueue(file);
  expect(await store.sql.read('SELECT seq FROM counted_events')).toMatchObject([{ seq: 0 }]);
  await store.close();
});

const lastSnapshot = (): string => {
  const folder = join(projectRoot, 'drizzle/meta');
  const { entries } = JSON.parse(readFileSync(join(folder, '_journal.json'), 'utf8'));
  return readFileSync(join(folder, `${String(entries.at(-1).idx).padStart(4, '0')}_snapshot.json`), 'utf8');
};

import { createClient } from '@libsql/client';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { copyTemplate } from '../../test/support/queue.ts';
import { keepStatements } from './keep-statements.ts';

// Beneath what is kept: how often the connection itself is asked to prepare.
const { prepare } = Database.prototype as unknown as { prepare(sql: string): unknown };
const prepared: string[] = [];
(Database.prototype as unknown as { prepare(sql: string): unknown }).prepare = function (sql) {
  prepared.push(sql);
  return prepare.call(this, sql);
};
keepStatements();

async function openClient() {
  const client = createClient({ url: `file:${copyTemplate()}`, concurrency: 1 });
  onTestFinished(() => client.close());
  await client.execute('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE)');
  prepared.length = 0;
  return client;
}

const timesPrepared = (sql: string) => prepared.filter((one) => one === sql).length;

test('a statement is prepared once for a connection, however often it runs', async () => {
  const client = await openClient();
  const insert = 'INSERT INTO notes (text) VALUES (?) RETURNING id';
  for (const text of ['a', 'b', 'c']) await client.execute({ sql: insert, args: [text] });
  await client.batch([{ sql: insert, args: ['d'] }], 'write');
  expect(timesPrepared(insert)).toBe(1);
  const { rows } = await client.execute('SELECT count(*) AS n FROM notes');
  expect(rows[0]?.n).toBe(4);
});

test('a statement that failed runs again, and holds no lock meanwhile', async () => {
  const client = await openClient();
  const insert = 'INSERT INTO notes (text) VALUES (?)';
  await client.execute({ sql: insert, args: ['a'] });
  await expect(client.execute({ sql: insert, args: ['a'] })).rejects.toThrow('UNIQUE');
  const { rows } = await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
  expect(rows[0]?.busy).toBe(0);
  await client.execute({ sql: insert, args: ['b'] });
  expect(timesPrepared(insert)).toBe(1);
});

test('after a change of the schema a kept statement answers by the new one', async () => {
  const client = await openClient();
  const select = 'SELECT text FROM notes ORDER BY id';
  await client.execute("INSERT INTO notes (text) VALUES ('a')");
  expect((await client.execute(select)).rows[0]?.text).toBe('a');
  await client.execute('ALTER TABLE notes ADD more TEXT');
  await client.execute("UPDATE notes SET text = 'b', more = 'm'");
  expect((await client.execute(select)).rows[0]?.text).toBe('b');
});

test('of very many different statements the last used are kept', async () => {
  const client = await openClient();
  const often = 'SELECT 1 AS often';
  for (let n = 0; n < 1000; n += 1) {
    await client.execute(`SELECT ${n} AS rare`);
    if (n % 10 === 0) await client.execute(often);
  }
  expect(timesPrepared(often)).toBe(1);
  await client.execute('SELECT 0 AS rare');
  expect(timesPrepared('SELECT 0 AS rare')).toBe(2);
});

test('another connection prepares for itself', async () => {
  const one = await openClient();
  const other = createClient({ url: `file:${copyTemplate()}`, concurrency: 1 });
  onTestFinished(() => other.close());
  const select = 'SELECT count(*) FROM runs';
  await one.execute(select);
  await other.execute(select);
  expect(timesPrepared(select)).toBe(2);
});

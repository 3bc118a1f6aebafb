import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { old, oldDatabase, schemas } from '../../../test/support/old-database.ts';
import { openTestQueue } from '../../../test/support/queue.ts';
import { openQueue } from '../open-queue.ts';

const hash = (digit: number) => String(digit).repeat(64);

/** What each org has: by the row that triggers keep, and counted anew. */
const bytesSql = `SELECT u.org_id, u.bytes, (SELECT coalesce(sum(size), 0) FROM
    (SELECT DISTINCT v.sha256, v.size FROM app_versions v WHERE v.org_id = u.org_id AND v.size IS NOT NULL)) AS counted
  FROM org_usage u ORDER BY u.org_id`;

const addSql = `INSERT INTO app_versions (org_id, id, platform, sha256, size, created_at, last_used_at)
  VALUES (?, ?, 'android', ?, ?, 0, 0)`;

test('a build counts once for its org, however many versions have it, whatever becomes of them', async () => {
  const { deps } = await openTestQueue();
  const write = (sql: string, args: (string | number | null)[] = []) => deps.sql.write([{ sql, args }]);
  const bytes = async () => {
    const rows = await deps.sql.read(bytesSql);
    for (const row of rows) expect(row.bytes).toBe(row.counted);
    return Object.fromEntries(rows.map((row) => [row.org_id, row.bytes]));
  };
  for (const id of ['v1', 'v2']) await write(addSql, ['acme', id, hash(1), 10]);
  await write(addSql, ['rival', 'v1', hash(1), 10]);
  expect(await bytes()).toEqual({ acme: 10, rival: 10 });
  // Two that had announced it, by one statement.
  for (const id of ['v3', 'v4']) await write(addSql, ['acme', id, hash(2), null]);
  await write('UPDATE app_versions SET size = 7 WHERE sha256 = ?', [hash(2)]);
  expect(await bytes()).toEqual({ acme: 17, rival: 10 });
  await write(`UPDATE app_versions SET sha256 = ?, size = 5 WHERE org_id = 'acme' AND id = 'v2'`, [hash(3)]);
  expect(await bytes()).toEqual({ acme: 22, rival: 10 });
  await write(`UPDATE app_versions SET size = NULL WHERE org_id = 'acme' AND id = 'v3'`);
  expect(await bytes()).toEqual({ acme: 22, rival: 10 });
  await write(`UPDATE app_versions SET sha256 = ?, size = 10 WHERE id = 'v4'`, [hash(1)]);
  expect(await bytes()).toEqual({ acme: 15, rival: 10 });
  await write(`DELETE FROM app_versions WHERE org_id = 'acme' AND id = 'v1'`);
  expect(await bytes()).toEqual({ acme: 15, rival: 10 });
  await write(`DELETE FROM app_versions WHERE org_id = 'acme'`);
  expect(await bytes()).toEqual({ acme: 0, rival: 10 });
});

test('what was counted for each version is put right by the upgrade', async () => {
  const file = await oldDatabase(schemas.find((name) => name.startsWith('0043')) ?? '');
  const client = createClient({ url: `file:${file}` });
  for (const id of ['one', 'two', 'three'])
    await client.execute({ sql: addSql, args: [old.org, id, hash(1), 10] });
  await client.execute({ sql: addSql, args: [old.org, 'other', hash(2), 3] });
  const [before] = (await client.execute('SELECT bytes FROM org_usage')).rows;
  client.close();
  const store = await openQueue(file);
  onTestFinished(() => store.close());
  const [after] = await store.sql.read('SELECT bytes FROM org_usage');
  expect([before?.bytes, after?.bytes]).toEqual([33, 13]);
});

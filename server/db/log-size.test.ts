import { statSync } from 'node:fs';
import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { copyTemplate } from '../../test/support/queue.ts';
import { openQueue } from '../queue/open-queue.ts';

const mebibyte = 1024 ** 2;

test('the log grows while another program reads for long, and is cut once that is done', async () => {
  const file = copyTemplate();
  const store = await openQueue(file);
  onTestFinished(() => store.close());
  const write = () => store.sql.write([{ sql: 'INSERT INTO filler VALUES (zeroblob(?))', args: [mebibyte] }]);
  const logBytes = () => statSync(`${file}-wal`).size;
  await store.sql.write([{ sql: 'CREATE TABLE filler (bytes BLOB)' }]);
  const reader = createClient({ url: `file:${file}` });
  const reading = await reader.transaction('read');
  await reading.execute('SELECT count(*) FROM orgs');
  for (let n = 0; n < 48; n += 1) await write();
  expect(logBytes()).toBeGreaterThan(48 * mebibyte);
  await reading.rollback();
  reader.close();
  // The first one writes the log back, the next one begins it anew.
  for (let n = 0; n < 3; n += 1) await write();
  expect(logBytes()).toBeLessThanOrEqual(32 * mebibyte);
});

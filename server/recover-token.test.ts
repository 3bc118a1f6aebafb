import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startProxy } from '../test/support/proxy.ts';
import { startSqld } from '../test/support/sqld.ts';
import { matchesHash, parseToken } from './auth/token-format.ts';
import { openQueue } from './queue/open-queue.ts';
import { recoverToken } from './recover-token.ts';

async function lab() {
  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-recover-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const recover = (url = sqld.url) =>
    recoverToken({ data_dir: folder, database_url: url }, { revokeOthers: true });
  const open = async () => {
    const store = await openQueue({ url: sqld.url });
    onTestFinished(() => store.close());
    return store.sql;
  };
  return { url: sqld.url, folder, recover, open };
}

test('no schema of a running cluster is brought forward by it: another version is refused', async () => {
  const { folder, recover, open } = await lab();
  await expect(recover()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/is empty/),
  });
  const sql = await open();
  const last = '(SELECT max(created_at) FROM __drizzle_migrations)';
  const [row] = await sql.read(`SELECT ${last} AS at, count(*) AS n FROM __drizzle_migrations`);
  await sql.write([{ sql: `DELETE FROM __drizzle_migrations WHERE created_at = ${last}` }]);
  await expect(recover()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/use the version that its servers run/),
  });
  const [after] = await sql.read('SELECT count(*) AS n FROM __drizzle_migrations');
  expect(after?.n).toBe(Number(row?.n) - 1);
  expect(readdirSync(folder)).toEqual([]);
});

test('a lost answer leaves the new token in a file of its own, since it may be the only one that works', async () => {
  const { url, folder, recover, open } = await lab();
  const sql = await open();
  const proxy = await startProxy(url, ({ body }) =>
    body.includes('INSERT INTO tokens') ? 'lost' : undefined,
  );
  onTestFinished(() => proxy.close());
  const error = await recover(proxy.url).catch((one: Error) => one);
  const [kept = ''] = readdirSync(folder);
  expect(kept).toMatch(/^admin\.token\../);
  expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining(join(folder, kept)) });
  const token = readFileSync(join(folder, kept), 'utf8').trim();
  const hashes = await sql.read('SELECT hash FROM tokens WHERE revoked_at IS NULL');
  const { secret = '' } = parseToken(token) ?? {};
  expect(hashes.map(({ hash }) => matchesHash(secret, String(hash)))).toEqual([true]);
});

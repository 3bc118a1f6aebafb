import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { type ProxyRule, startProxy } from '../../test/support/proxy.ts';
import { freePort, type Sqld, startSqld } from '../../test/support/sqld.ts';
import { openQueue } from '../queue/open-queue.ts';
import type { RemoteDatabase, Store } from './store.ts';

const callLimitMs = 700;
const addOrg = (id: string) => ({ sql: 'INSERT INTO orgs (id, created_at) VALUES (?, 1)', args: [id] });

async function openSqld(more: readonly string[] = []): Promise<Sqld> {
  const sqld = await startSqld(undefined, more);
  onTestFinished(() => sqld.close());
  return sqld;
}

async function open(place: RemoteDatabase): Promise<Store> {
  const store = await openQueue(place);
  onTestFinished(() => store.close());
  return store;
}

/** The store behind a proxy, which counts its calls; `rule` is asked for each once the store is open. */
async function openBehindProxy(): Promise<{
  store: Store;
  calls: () => number;
  setRule(rule: ProxyRule): void;
}> {
  const sqld = await openSqld();
  let calls = 0;
  let rule: ProxyRule = () => undefined;
  const proxy = await startProxy(sqld.url, (call) => {
    calls += 1;
    return rule(call);
  });
  onTestFinished(() => proxy.close());
  const store = await open({ url: proxy.url, callLimitMs });
  return {
    store,
    calls: () => calls,
    setRule: (next) => {
      rule = next;
    },
  };
}

const orgsOf = async ({ sql }: Store) =>
  (await sql.read('SELECT id FROM orgs ORDER BY id')).map(({ id }) => id);

test('servers that start at once on an empty database migrate it once', async () => {
  const { url } = await openSqld();
  const stores = await Promise.all([1, 2, 3, 4].map(() => open({ url })));
  const rows = await stores[0]?.sql.read(
    'SELECT created_at, count(*) AS n FROM __drizzle_migrations GROUP BY created_at',
  );
  expect(rows?.length).toBeGreaterThan(20);
  expect(rows?.every(({ n }) => n === 1)).toBe(true);
  await stores[1]?.sql.write([addOrg('acme')]);
  expect(await Promise.all(stores.map(orgsOf))).toEqual(stores.map(() => ['acme']));
});

test('a database of a newer version is refused, and stays as it is', async () => {
  const { url } = await openSqld();
  const store = await open({ url });
  await store.sql.write([
    { sql: `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9e15)` },
  ]);
  await expect(openQueue({ url })).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('was made by a newer version of qgjob'),
  });
  await store.sql.write([addOrg('goes-on')]);
  expect(await orgsOf(store)).toEqual(['goes-on']);
});

test('nobody at the address is said so, without what may be secret in it', async () => {
  const { url, kill } = await openSqld();
  await kill();
  await expect(openQueue({ url, authToken: 'hunter2' })).rejects.toMatchObject({
    code: 'unavailable',
    message: `${url}: the database cannot be reached (ECONNREFUSED)`,
  });
});

test('a libSQL server that asks for a token takes the right one, and words say what is wrong with another', async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'key.pem'), await exportSPKI(publicKey));
  const { url } = await openSqld(['--auth-jwt-key-file', join(folder, 'key.pem')]);
  const sign = (access: string) =>
    new SignJWT({ a: access }).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey);
  const refusal = {
    code: 'unavailable',
    message: expect.stringMatching(/refuses this server's token.*QGJOB_DATABASE_AUTH_TOKEN/),
  };
  await expect(openQueue({ url })).rejects.toMatchObject(refusal);
  await expect(openQueue({ url, authToken: 'wrong' })).rejects.toMatchObject(refusal);
  const store = await open({ url, authToken: await sign('rw') });
  await store.sql.write([addOrg('acme')]);
  expect(await orgsOf(store)).toEqual(['acme']);
});

test('a row that breaks a UNIQUE is a conflict and an impossible one is not, as with a file', async () => {
  const store = await open({ url: (await openSqld()).url });
  await store.sql.write([addOrg('a')]);
  await expect(store.sql.write([addOrg('a')])).rejects.toMatchObject({ code: 'conflict' });
  await expect(store.sql.write([{ sql: 'INSERT INTO orgs (id) VALUES (NULL)' }])).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('impossible row'),
  });
  const outcomes = await Promise.allSettled(['b', 'a', 'c'].map((id) => store.sql.write([addOrg(id)])));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await orgsOf(store)).toEqual(['a', 'b', 'c']);
});

test('a database that stands still ends no call later than its limit, and takes calls again when it goes on', async () => {
  const sqld = await openSqld();
  const store = await open({ url: sqld.url, callLimitMs });
  let troubles = 0;
  store.sql.onTrouble(() => {
    troubles += 1;
  });
  sqld.signal('SIGSTOP');
  const late = { code: 'unavailable', message: 'the database did not answer in time; try again' };
  await Promise.all([
    expect(store.sql.write([addOrg('late')])).rejects.toMatchObject(late),
    expect(store.sql.read('SELECT 1')).rejects.toMatchObject(late),
  ]);
  expect(troubles).toBe(1);
  sqld.signal('SIGCONT');
  await store.sql.write([addOrg('next')]);
  // The first one was sent, and may have been written after its caller was told that nobody knows.
  expect(await orgsOf(store)).toEqual(expect.arrayContaining(['next']));
});

test('a write to a database that is being restarted waits for it', async () => {
  const sqld = await openSqld();
  const store = await open({ url: sqld.url });
  await store.sql.write([addOrg('before')]);
  await sqld.kill();
  const written = store.sql.write([addOrg('after')]);
  await sqld.restart();
  await written;
  expect(await orgsOf(store)).toEqual(['after', 'before']);
});

test('a write whose answer is lost is not sent again: its caller hears that nobody knows', async () => {
  const { store, calls, setRule } = await openBehindProxy();
  setRule(() => 'lost');
  const before = calls();
  await expect(store.sql.write([addOrg('a')])).rejects.toMatchObject({ code: 'unavailable' });
  expect(calls() - before).toBe(1);
  setRule(() => undefined);
  expect(await orgsOf(store)).toEqual(['a']);
});

test.each([
  [413, 'too_large'],
  [400, 'internal'],
] as const)(
  'a proxy before the database that answers one call with %i fails no other of its turn',
  async (status, code) => {
    const { store, calls, setRule } = await openBehindProxy();
    setRule(({ body }) => (body.includes('large') ? { status, body: '<h1>No</h1>' } : undefined));
    const before = calls();
    const outcomes = await Promise.allSettled(['a', 'large', 'c'].map((id) => store.sql.write([addOrg(id)])));
    expect(outcomes.map((one) => (one.status === 'rejected' ? one.reason.code : 'written'))).toEqual([
      'written',
      code,
      'written',
    ]);
    // All together, then each alone.
    expect(calls() - before).toBe(4);
    expect(await orgsOf(store)).toEqual(['a', 'c']);
    await expect(store.sql.read('SELECT ?', ['large'])).rejects.toMatchObject({ code });
  },
);

test('a read whose connection is cut is sent once more', async () => {
  const { store, setRule } = await openBehindProxy();
  let cuts = 1;
  setRule(() => {
    cuts -= 1;
    return cuts >= 0 ? 'cut' : undefined;
  });
  expect(await orgsOf(store)).toEqual([]);
});

test('writes are refused with the reason while the operator of the database has blocked them', async () => {
  const port = await freePort();
  const { url } = await openSqld(['--admin-listen-addr', `127.0.0.1:${port}`]);
  const store = await open({ url });
  const body = JSON.stringify({ block_reads: false, block_writes: true, block_reason: 'maintenance' });
  const headers = { 'content-type': 'application/json' };
  await fetch(`http://127.0.0.1:${port}/v1/namespaces/default/config`, { method: 'POST', headers, body });
  await expect(store.sql.write([addOrg('a')])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/takes no writes.*maintenance/),
  });
  expect(await orgsOf(store)).toEqual([]);
});

test('the reads of one turn share a round trip, and a bad one fails alone', async () => {
  const { store, calls } = await openBehindProxy();
  await orgsOf(store);
  const before = calls();
  await Promise.all(Array.from({ length: 10 }, (_, n) => store.sql.read('SELECT ? AS n', [n])));
  expect(calls() - before).toBe(1);
  const outcomes = await Promise.allSettled(
    ['SELECT 1', 'SELECT no_such()', 'SELECT 2'].map((sql) => store.sql.read(sql)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('its clock is that of the database, to the time that a call takes', async () => {
  const store = await open({ url: (await openSqld()).url });
  const before = Date.now();
  const { at, offByMs } = (await store.readClock?.()) ?? { at: 0, offByMs: 0 };
  expect(at + offByMs).toBeGreaterThanOrEqual(before - 5);
  expect(at - offByMs).toBeLessThanOrEqual(Date.now() + 5);
});

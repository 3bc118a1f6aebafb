import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restoreBackup } from '../../server/backup/restore-backup.ts';
import { refuseForeignForm } from '../../server/web/session/own-form.ts';
import { tempFolder } from '../support/queue.ts';
import { addOrg, dumpDatabase, openServer, startTestServer } from '../support/server.ts';
import { openServers } from '../support/two-servers.ts';
import { signIn, Visitor } from '../support/web.ts';

/** Whether the cookie opens a page. */
const opens = async (url: string, cookie: string): Promise<boolean> =>
  (await new Visitor(url, cookie).get('/ui')).status === 200;

test('a copy of a cookie opens nothing after the sign-out', async () => {
  const { url, adminToken } = await startTestServer();
  const visitor = await signIn(url, adminToken);
  const copy = visitor.cookie;
  expect(await opens(url, copy)).toBe(true);
  await visitor.post('/ui/sign-out');
  expect(await opens(url, copy)).toBe(false);
});

test('sign out everywhere ends all sessions of the token, and no others', async () => {
  const server = await startTestServer();
  const { read } = await addOrg(server, 'acme');
  const [mine, stolen] = [
    await signIn(server.url, server.adminToken),
    await signIn(server.url, server.adminToken),
  ];
  const other = await signIn(server.url, read);
  const cookies = [mine.cookie, stolen.cookie, other.cookie];
  expect(await Promise.all(cookies.map((cookie) => opens(server.url, cookie)))).toEqual([true, true, true]);
  expect((await mine.get('/ui/settings')).text).toContain('Sign out everywhere');
  await mine.post('/ui/sign-out', { everywhere: '1' });
  expect(await Promise.all(cookies.map((cookie) => opens(server.url, cookie)))).toEqual([false, false, true]);
});

test('a sign-out at one server ends the session at the other within five seconds', async () => {
  const { first, second } = await openServers();
  const visitor = await signIn(first.url, first.adminToken);
  const copy = visitor.cookie;
  expect(await opens(second.url, copy)).toBe(true);
  const stream = fetch(`${second.url}/ui/events`, { headers: { cookie: copy } }).then((answer) =>
    answer.text(),
  );
  const from = performance.now();
  await visitor.post('/ui/sign-out');
  expect(await stream).toContain('event: ready');
  await expect.poll(() => opens(second.url, copy), { interval: 20 }).toBe(false);
  expect(performance.now() - from).toBeLessThan(5000);
});

test('what stands in the database makes no cookie', async () => {
  const server = await startTestServer();
  const { cookie } = await signIn(server.url, server.adminToken);
  const [name = '', value = ''] = cookie.split('=');
  const { web_sessions: rows, keys } = dumpDatabase(server.dataDir) as Record<
    string,
    Record<string, string>[]
  >;
  const [row] = rows ?? [];
  expect(JSON.stringify([rows, keys])).not.toContain(value.split('.')[1]);
  expect(keys?.map((key) => key.name)).not.toContain('web_sessions');
  const digest = createHash('sha256')
    .update(row?.hash ?? '')
    .digest('hex');
  for (const secret of [row?.hash, digest, keys?.[0]?.value])
    expect(await opens(server.url, `${name}=${row?.id}.${secret}`)).toBe(false);
});

test('a session of the time of a backup is over once the backup is back', async () => {
  const server = await startTestServer();
  const { cookie } = await signIn(server.url, server.adminToken);
  const folder = mkdtempSync(join(tempFolder(), 'restored-'));
  const backup = join(folder, 'backup.tar');
  const answer = await fetch(`${server.url}/v1/backup`, {
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  writeFileSync(backup, Buffer.from(await answer.arrayBuffer()));
  await restoreBackup({
    ...{
      bytes: createReadStream(backup),
      dataDir: join(folder, 'data'),
      file: join(folder, 'data/qgjob.db'),
    },
    ...{ force: false, now: Date.now, version: '1.0.0', onProgress: () => undefined },
  });
  const restored = await openServer(join(folder, 'data'));
  try {
    expect((await restored.as(server.adminToken).call('whoami')).scopes).toEqual(['operator']);
    expect(await opens(restored.url, cookie)).toBe(false);
  } finally {
    await restored.close();
  }
});

test.each([
  [{ origin: 'http://ci.example.com', host: 'ci.example.com' }, false],
  [{ origin: 'https://ci.example.com:8443', host: 'ci.example.com' }, false],
  [{ origin: 'http://ci.example.com', 'sec-fetch-site': 'same-origin' }, false],
  [{ origin: 'https://other.example.com', host: 'other.example.com' }, false],
  [{ origin: 'https://ci.example.com', host: 'internal:8080' }, true],
  [{ origin: 'https://ci.example.com', 'sec-fetch-site': 'same-site' }, false],
  [{ host: 'ci.example.com' }, true],
])(
  'a form with %j for a server that is reached by https is taken: %s',
  (headers: Record<string, string>, isTaken) => {
    const check = () => refuseForeignForm((name) => headers[name], 'https://ci.example.com');
    if (isTaken) expect(check).not.toThrow();
    else expect(check).toThrow('nothing was changed');
  },
);

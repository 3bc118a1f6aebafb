import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/queue.ts';
import { addOrg, newDataDir, openServer, type TestServer } from '../../test/support/server.ts';
import { signIn, Visitor } from '../../test/support/web.ts';

/** The lines about refused calls, once the server was stopped and started again. */
async function refusedAfter(work: (server: TestServer, tokens: Record<string, string>) => Promise<unknown>) {
  const dataDir = newDataDir(tempFolder());
  const now = () => Date.UTC(2026, 0, 1, 12, 0, 30);
  const first = await openServer(dataDir, { now });
  const tokens = await addOrg(first, 'acme');
  await work(first, tokens).finally(() => first.close());
  const second = await openServer(dataDir, { now });
  try {
    const query = { action: 'refused' as const };
    const all = await second.client.call('listAudit', { query });
    const own = await second.as(tokens.admin).call('listAudit', { query });
    return { all: all.entries, own: own.entries };
  } finally {
    await second.close();
  }
}

test('many calls with bad tokens from one address make one line a minute, which counts them', async () => {
  const { all, own } = await refusedAfter(async (server) => {
    for (let n = 0; n < 10; n += 1)
      await Promise.all(
        Array.from({ length: 30 }, () => server.ask('listRuns', { token: `qgj_sub_bad_${n}` })),
      );
  });
  expect(all).toMatchObject([
    {
      ...{ actor_kind: 'stranger', token_id: '', org_id: null, address: '127.0.0.1' },
      detail: { count: 300, minute: '2026-01-01T12:00:00.000Z', last_route: 'GET /v1/runs' },
    },
  ]);
  expect(JSON.stringify(all)).not.toContain('qgj_');
  expect(own).toEqual([]);
});

test('a good token that asks for more than it may gets a line of its own, which its org sees', async () => {
  const { all, own } = await refusedAfter(async (server, { read, submit }) => {
    for (let n = 0; n < 3; n += 1)
      await server.ask('createOrg', { token: read ?? '', body: { org_id: 'x' } });
    await server.ask('listTokens', { token: submit ?? '' });
  });
  expect(own.map(({ actor_name, detail }) => [actor_name, detail.count])).toEqual([
    ['submit', 1],
    ['read', 3],
  ]);
  expect(own).toEqual(all);
});

test('so does the dashboard: a bad token at its sign-in counts, a session that has ended does not', async () => {
  const { all } = await refusedAfter(async (server, { read }) => {
    const visitor = new Visitor(server.url);
    for (let n = 0; n < 3; n += 1) await visitor.post('/ui/sign-in', { token: 'qgj_adm_guessed' });
    await visitor.get('/ui/events', { accept: 'text/event-stream' });
    const reader = await signIn(server.url, read ?? '');
    await reader.get('/ui/settings/tokens');
  });
  expect(all.map(({ actor_kind, detail }) => [actor_kind, detail.count, detail.last_route])).toEqual([
    ['token', 1, 'GET /ui/settings/tokens'],
    ['stranger', 3, 'POST other'],
  ]);
});

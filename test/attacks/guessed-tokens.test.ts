import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { mintToken } from '../../server/auth/token-format.ts';
import { openIssuer } from '../support/oidc-issuer.ts';
import { addOrg, startTestServer, type TestServer } from '../support/server.ts';
import { signIn, Visitor } from '../support/web.ts';
import { expectRefusal } from '../support/world.ts';

/** As a server has it without settings. */
const flags = { max_bad_tokens: '20' };

/** More than the tokens of an address that are looked at before it has to wait. */
const guesses = 40;

/** Calls with tokens that nobody has, one after the other, and how often each status came. */
async function guess(server: TestServer, headers: Record<string, string> = {}): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (let n = 0; n < guesses; n += 1) {
    const { status } = await server.ask('listRuns', { token: mintToken('adm').token, headers });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return statuses;
}

test('whoever guesses tokens has to wait, and those who use good ones from the same address do not', async () => {
  const server = await startTestServer({ flags });
  const { read } = await addOrg(server, 'acme');
  await server.as(read).call('listRuns');
  const statuses = await guess(server);
  expect(statuses.get(401)).toBeLessThan(guesses);
  expect([...statuses.keys()].sort()).toEqual([401, 429]);
  const refused = await server.ask('listRuns', { token: 'nonsense' });
  expectRefusal(refused, 429, 'rate_limited');
  expect(refused.headers.get('retry-after')).toBe('1');
  await server.as(read).call('listRuns');
});

test('a guesser who names another address in each call has to wait all the same', async () => {
  const server = await startTestServer({ flags });
  await guess(server);
  const headers = { 'x-forwarded-for': '203.0.113.77' };
  expectRefusal(await server.ask('listRuns', { token: 'nonsense', headers }), 429, 'rate_limited');
});

test('behind a declared proxy each address counts for itself, as the proxy names it', async () => {
  const server = await startTestServer({ flags: { ...flags, trusted_proxies: '127.0.0.1, ::1' } });
  await guess(server, { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' });
  const from = (address: string) =>
    server.ask('listRuns', { token: 'nonsense', headers: { 'x-forwarded-for': address } });
  expectRefusal(await from('203.0.113.7'), 429, 'rate_limited');
  expectRefusal(await from('198.51.100.1'), 401, 'unauthorized');
});

test('the sign-in form and the exchange of OIDC tokens are no way around it', async () => {
  const server = await startTestServer({ flags });
  const visitor = new Visitor(server.url);
  for (let n = 0; n < guesses; n += 1) await visitor.post('/ui/sign-in', { token: mintToken('adm').token });
  expect((await visitor.post('/ui/sign-in', { token: server.adminToken })).status).toBe(429);
  expectRefusal(await server.ask('listRuns', { token: 'nonsense' }), 429, 'rate_limited');
  const exchange = await server.ask('signInByGithub', { token: null, body: { token: 'a.b.c' } });
  expectRefusal(exchange, 429, 'rate_limited');
});

/** How often each status came. */
const count = (statuses: readonly number[], status: number): number =>
  statuses.filter((one) => one === status).length;

test('whoever makes up cookies has to wait, and who has signed in at the same address does not', async () => {
  const server = await startTestServer({ flags });
  const visitor = await signIn(server.url, server.adminToken);
  expect((await visitor.get('/ui/runs')).status).toBe(200);
  const [name = ''] = visitor.cookie.split('=');
  const statuses: number[] = [];
  for (let n = 0; n < guesses; n += 1) {
    const madeUp = `ses_${randomBytes(12).toString('hex')}.${randomBytes(32).toString('hex')}`;
    statuses.push((await new Visitor(server.url, `${name}=${madeUp}`).get('/ui/runs')).status);
  }
  expect(count(statuses, 303) + count(statuses, 429)).toBe(guesses);
  expect(count(statuses, 429)).toBeGreaterThan(0);
  expect((await visitor.get('/ui/runs')).status).toBe(200);
  // A cookie whose id is another's session and whose secret is not is made up, too.
  const [id] = visitor.cookie.split('.');
  expect((await new Visitor(server.url, `${id}.${'0'.repeat(64)}`).get('/ui/runs')).status).toBe(303);
});

test('repositories that nobody has bound are not looked up again and again, and hold up no other owner at their address', async () => {
  const issuer = await openIssuer();
  onTestFinished(() => issuer.close());
  const server = await startTestServer({ flags: { ...flags, oidc_issuer: issuer.url } });
  await addOrg(server, 'acme');
  const bound = { repository_owner_id: '11', repository_id: '4711' };
  await server.client.call('setGithub', { params: { id: 'acme' }, body: [bound] });
  const exchange = async (claims: object = {}): Promise<number> => {
    const token = await issuer.token(server.url, { claims: { ...claims } });
    return (await server.ask('signInByGithub', { token: null, body: { token } })).status;
  };
  const statuses: number[] = [];
  for (let n = 0; n < guesses; n += 1)
    statuses.push(await exchange({ repository_owner_id: '12', repository_id: `48${n}` }));
  expect(count(statuses, 403) + count(statuses, 429)).toBe(guesses);
  expect(count(statuses, 429)).toBeGreaterThan(0);
  expect(await exchange()).toBe(201);
  expectRefusal(await server.ask('listRuns', { token: 'nonsense' }), 401, 'unauthorized');
});

test('the log has some lines of it, with their number, and of a bounded size', async () => {
  const server = await startTestServer();
  const path = `/v1/runs/${'a'.repeat(8000)}`;
  for (let n = 0; n < 200; n += 1)
    await fetch(`${server.url}${path}`, { headers: { authorization: 'Bearer x' } });
  const lines = server.log.filter((line) => line.includes('"msg":"request"') && line.includes('"level":40'));
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThan(100);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(600);
});

test('a token that somebody puts into a path is not in the log, nor in the answer', async () => {
  const server = await startTestServer();
  const { admin } = await addOrg(server, 'acme');
  for (const path of [`/v1/tokens/${admin}`, `/v1/nothing/${admin}`, `/ui/nothing/${admin}`]) {
    const answer = await fetch(`${server.url}${path}`, {
      headers: { authorization: `Bearer ${server.adminToken}` },
    });
    expect(await answer.text()).not.toContain(admin.slice(-72));
  }
  expect(server.log.join('\n')).not.toContain(admin.slice(-72));
});

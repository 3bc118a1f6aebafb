import { beforeEach, expect, test } from 'vitest';
import type { BodyOf } from '../../protocol/contracts.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openServers } from '../support/two-servers.ts';
import { signIn } from '../support/web.ts';
import { expectRefusal } from '../support/world.ts';

const dayMs = 86_400_000;

let server: TestServer;
let now: number;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  server = await startTestServer({ now: () => now });
  await server.client.call('createOrg', { body: { org_id: 'acme' } });
});

const inDays = (days: number): string => new Date(now + days * dayMs).toISOString();

/** A token of acme, made by another one; an admin's for a day unless the body says otherwise. */
const make = (by: string, body: Partial<BodyOf<'createToken'>> = {}) =>
  server.as(by).call('createToken', {
    body: { name: 'mine', org_id: 'acme', scopes: ['admin'], expires_in_days: 1, ...body },
  });

const isGood = async (token: string): Promise<boolean> =>
  (await server.ask('whoami', { token })).status === 200;

test("an admin's token for a day makes none for ten years: by a call, in the dashboard, or by its children", async () => {
  const parent = await make(server.adminToken);
  const child = await make(parent.token, { expires_in_days: 3650 });
  const grandchild = await make(child.token, { expires_in_days: 3650, scopes: ['read'] });
  expect([child.expires_at, grandchild.expires_at]).toEqual([inDays(1), inDays(1)]);

  const admin = await signIn(server.url, parent.token);
  const form = { name: 'by-form', scope: 'admin', days: '3650' };
  expect((await admin.post('/ui/settings/tokens', form)).text).toContain('id="new-token"');
  const { tokens } = await server.client.call('listTokens');
  const byForm = tokens.find(({ name }) => name === 'by-form');
  expect(byForm).toMatchObject({ expires_at: inDays(1), parent_id: parent.token_id });
  now += dayMs;
  expect(await Promise.all([child, grandchild].map(({ token }) => isGood(token)))).toEqual([false, false]);
});

test('the operator makes none that outlives the greatest age, whatever it asks for', async () => {
  expect((await make(server.adminToken, { expires_in_days: 3650 })).expires_at).toBe(inDays(365));
  const strict = await startTestServer({ flags: { max_token_days: '7' }, now: () => now });
  await strict.client.call('createOrg', { body: { org_id: 'acme' } });
  const body = { name: 'x', org_id: 'acme', scopes: ['read' as const] };
  expect((await strict.client.call('createToken', { body })).expires_at).toBe(inDays(7));
});

test('what a revoked admin has made, and what that has made, ends at once with it, and nothing else', async () => {
  const parent = await make(server.adminToken);
  const child = await make(parent.token);
  const grandchild = await make(child.token, { scopes: ['read'] });
  const other = await make(server.adminToken);
  const all = [parent, child, grandchild, other].map(({ token }) => token);
  // Each is known to the server already.
  expect(await Promise.all(all.map(isGood))).toEqual([true, true, true, true]);
  await server.client.call('deleteToken', { params: { id: parent.token_id } });
  expect(await Promise.all(all.map(isGood))).toEqual([false, false, false, true]);
});

test('an admin keeps itself alive neither by replacing a token that lives longer, nor by replacing itself', async () => {
  const admin = await make(server.adminToken);
  const long = await make(server.adminToken, { expires_in_days: 300 });
  const rotate = (by: string, id: string) =>
    server.as(by).call('rotateToken', { params: { id }, body: { overlap_minutes: 0 } });
  const got = await rotate(admin.token, long.token_id);
  expect(got.expires_at).toBe(inDays(1));
  const child = await make(admin.token, { expires_in_days: 1 });
  now += dayMs / 2;
  // Its parent has half a day left.
  expect((await rotate(child.token, child.token_id)).expires_at).toBe(inDays(0.5));
  await server.client.call('deleteToken', { params: { id: admin.token_id } });
  expect(await isGood(got.token)).toBe(false);
});

test.each(['its parent', 'a token of the operator that lives longer'])(
  'a child that replaces %s gets one that ends with it, and replaces itself for no longer',
  async (which) => {
    const rotate = (by: string, id: string) =>
      server.as(by).call('rotateToken', { params: { id }, body: { overlap_minutes: 0 } });
    const admin = await make(server.adminToken);
    const child = await make(admin.token);
    const other = which === 'its parent' ? admin : await make(server.adminToken, { expires_in_days: 300 });
    const end = inDays(1);
    let got = await rotate(child.token, other.token_id);
    for (const hops of [1, 2, 3]) {
      now += dayMs / 5;
      got = await rotate(got.token, got.token_id);
      expect([hops, got.expires_at]).toEqual([hops, end]);
    }
    now += dayMs;
    expect(await isGood(got.token)).toBe(false);
  },
);

test('a token that the operator has replaced renews itself as one that nobody has', async () => {
  const rotate = (by: string, id: string) => server.as(by).call('rotateToken', { params: { id }, body: {} });
  const old = await make(server.adminToken);
  let got = await rotate(server.adminToken, old.token_id);
  for (const _ of [1, 2, 3]) {
    now += dayMs / 2;
    got = await rotate(got.token, got.token_id);
    expect(got.expires_at).toBe(inDays(1));
  }
});

test('a token lives on with the successors of the one that has replaced it', async () => {
  const rotate = (by: string, id: string) => server.as(by).call('rotateToken', { params: { id }, body: {} });
  const admin = await make(server.adminToken, { expires_in_days: 2 });
  const agent = await make(server.adminToken, { expires_in_days: 2 });
  const got = await rotate(admin.token, agent.token_id);
  now += dayMs;
  await rotate(admin.token, admin.token_id);
  expect((await rotate(got.token, got.token_id)).expires_at).toBe(inDays(2));
});

test('a stolen token that has replaced itself ends when the old one is revoked; one that was replaced for it does not', async () => {
  const rotate = (by: string, id: string) =>
    server.as(by).call('rotateToken', { params: { id }, body: { overlap_minutes: 60 } });
  const stolen = await make(server.adminToken);
  const byItself = await rotate(stolen.token, stolen.token_id);
  const child = await make(byItself.token, { scopes: ['read'] });
  await server.client.call('deleteToken', { params: { id: stolen.token_id } });
  expect([await isGood(byItself.token), await isGood(child.token)]).toEqual([false, false]);

  const leaked = await make(server.adminToken);
  const ofThief = await make(leaked.token, { scopes: ['read'] });
  const fresh = await rotate(server.adminToken, leaked.token_id);
  await server.client.call('deleteToken', { params: { id: leaked.token_id } });
  expect([await isGood(fresh.token), await isGood(ofThief.token)]).toEqual([true, false]);
});

test('what a token has made before it was replaced ends with its successor', async () => {
  const old = await make(server.adminToken);
  const child = await make(old.token, { scopes: ['read'] });
  const next = await server.client.call('rotateToken', { params: { id: old.token_id }, body: {} });
  await server.client.call('deleteToken', { params: { id: next.token_id } });
  expect([await isGood(old.token), await isGood(child.token)]).toEqual([false, false]);
});

test('an admin that was revoked at one server makes no token at the other, which still knows it', async () => {
  const { first, second } = await openServers();
  await first.client.call('createOrg', { body: { org_id: 'acme' } });
  const body = { name: 'x', org_id: 'acme', scopes: ['admin'] };
  const { json: admin } = await first.ask('createToken', { body });
  expect((await second.ask('whoami', { token: admin.token })).status).toBe(200);
  await first.client.call('deleteToken', { params: { id: admin.token_id } });
  expectRefusal(await second.ask('createToken', { token: admin.token, body }), 401, 'unauthorized');
  expect((await first.client.call('listTokens')).tokens).toHaveLength(1);
});

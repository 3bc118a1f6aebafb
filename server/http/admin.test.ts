import { beforeEach, describe, expect, test } from 'vitest';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { Scope } from '../../protocol/states.ts';
import { addOrg, startTestServer, type TestServer } from '../../test/support/server.ts';
import { expectRefusal } from '../../test/support/world.ts';

const dayMs = 86_400_000;

let server: TestServer;
let acme: Record<Scope, string>;
let now: number;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  server = await startTestServer({ now: () => now });
  acme = await addOrg(server, 'acme');
  await addOrg(server, 'rival');
});

const create = (token: string, body: BodyOf<'createToken'>) => server.as(token).call('createToken', { body });

describe('orgs', () => {
  test('one that exists already is a conflict', async () => {
    const answer = await server.ask('createOrg', { body: { org_id: 'acme' } });
    expectRefusal(answer, 409, 'conflict');
  });

  test('are listed page by page', async () => {
    const first = await server.client.call('listOrgs', { query: { limit: '1' } });
    const second = await server.client.call('listOrgs', {
      query: { limit: '1', cursor: first.next_cursor ?? '' },
    });
    const ids = [first, second].flatMap((page) => page.orgs.map((org) => org.org_id));
    expect(ids).toEqual(['acme', 'rival']);
    expect(second.next_cursor).toBeNull();
  });

  test('a token for an unknown one is not made', async () => {
    const body = { name: 'x', org_id: 'nobody', scopes: ['read'] };
    expectRefusal(await server.ask('createToken', { body }), 404, 'not_found');
  });
});

describe('tokens', () => {
  test('are shown once, listed without their secret, used and revoked at once', async () => {
    const made = await create(acme.admin, { name: 'ci', scopes: ['submit', 'submit'] });
    expect(made).toMatchObject({ org_id: 'acme', scopes: ['submit'] });
    expect(made.expires_at).toBe(new Date(now + 90 * dayMs).toISOString());
    const client = server.as(made.token);
    await client.call('listJobs');

    const { tokens } = await server.as(acme.admin).call('listTokens');
    expect(tokens.find((token) => token.token_id === made.token_id)).toMatchObject({
      name: 'ci',
      shared: false,
    });
    expect(JSON.stringify(tokens)).not.toContain(made.token.split('_')[3]);
    expect(tokens.every((token) => token.org_id === 'acme')).toBe(true);

    await server.as(acme.admin).call('deleteToken', { params: { id: made.token_id } });
    await expect(client.call('listJobs')).rejects.toMatchObject({ code: 'unauthorized' });
    const { tokens: left } = await server.as(acme.admin).call('listTokens');
    expect(left.map((token) => token.token_id)).not.toContain(made.token_id);
    // A second time nothing changes, and there is no error.
    await server.as(acme.admin).call('deleteToken', { params: { id: made.token_id } });
  });

  test('end with their time', async () => {
    const made = await create(acme.admin, { name: 'short', scopes: ['read'], expires_in_days: 1 });
    const client = server.as(made.token);
    await client.call('listJobs');
    now += dayMs - 1;
    await client.call('listJobs');
    now += 1;
    await expect(client.call('listJobs')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('of another org are neither made, nor seen, nor revoked by an admin', async () => {
    const body = { name: 'x', org_id: 'rival', scopes: ['read'] };
    expectRefusal(await server.ask('createToken', { token: acme.admin, body }), 403, 'forbidden');
    const { tokens } = await server.client.call('listTokens', { query: { org_id: 'rival' } });
    const params = { id: tokens[0]?.token_id ?? '' };
    expectRefusal(await server.ask('deleteToken', { token: acme.admin, params }), 404, 'not_found');
    expect((await server.client.call('listTokens', { query: { org_id: 'rival' } })).tokens).toHaveLength(4);
  });

  test('of the operator are not revoked here', async () => {
    const { tokens } = await server.client.call('listTokens');
    const params = { id: tokens.find((token) => token.org_id === null)?.token_id ?? '' };
    expectRefusal(await server.ask('deleteToken', { params }), 409, 'conflict');
    await server.client.call('listOrgs');
  });

  test('that are shared serve agents, and are the operator’s to make', async () => {
    const body = { name: 'rack', shared: true, scopes: ['agent' as const] };
    expectRefusal(await server.ask('createToken', { token: acme.admin, body }), 403, 'forbidden');
    const refused = [
      { ...body, scopes: ['agent', 'read'] },
      { ...body, org_id: 'acme' },
      { name: 'whose', scopes: ['read'] },
    ];
    for (const one of refused) {
      expectRefusal(await server.ask('createToken', { body: one }), 400, 'invalid');
    }
    const { token } = await create(server.adminToken, body);
    const offer = {
      name: 'r',
      boot_id: 'boot-of-r',
      version: '1',
      devices: [{ name: 'd', target: 'emulator' }],
    };
    await server.as(token).call('registerAgent', { body: offer });
    const { devices } = await server.as(acme.read).call('listDevices');
    expect(devices).toMatchObject([{ name: 'd', owner: 'shared', status: 'idle' }]);
  });

  test.each(['read', 'submit', 'admin', 'agent'] as const)(
    'with the scope %s ends itself, and without admin no other one',
    async (scope) => {
      const { tokens } = await server.as(acme.admin).call('listTokens');
      const idOf = (name: string) => tokens.find((one) => one.name === name)?.token_id ?? '';
      const params = { id: idOf(scope) };
      const other = { id: idOf(scope === 'read' ? 'submit' : 'read') };
      for (const route of ['deleteToken', 'rotateToken'] as const) {
        if (scope === 'admin') break;
        const refused = await server.ask(route, { token: acme[scope], params: other, body: {} });
        expectRefusal(refused, 403, 'forbidden');
      }
      expect((await server.ask('deleteToken', { token: acme[scope], params })).status).toBe(204);
      expectRefusal(await server.ask('whoami', { token: acme[scope] }), 401, 'unauthorized');
    },
  );

  test('that are shared end and replace themselves too', async () => {
    const body = { name: 'rack', shared: true, scopes: ['agent' as const] };
    const first = await create(server.adminToken, body);
    const params = { id: first.token_id };
    const next = await server.as(first.token).call('rotateToken', { params, body: {} });
    await server.as(next.token).call('deleteToken', { params: { id: next.token_id } });
    for (const { token } of [first, next])
      expectRefusal(await server.ask('whoami', { token }), 401, 'unauthorized');
  });

  test('are replaced by others that may the same, and end after the overlap', async () => {
    const old = await create(acme.admin, { name: 'rack', scopes: ['agent'], agent_names: 'rack-*' });
    now += 10 * dayMs;
    const made = await server.as(acme.admin).call('rotateToken', {
      params: { id: old.token_id },
      body: { overlap_minutes: 5 },
    });
    // As long as the old one, but not longer than the admin that replaces it.
    expect(made).toMatchObject({ org_id: 'acme', scopes: ['agent'] });
    expect(made.expires_at).toBe(new Date(now + 80 * dayMs).toISOString());
    const { tokens } = await server.as(acme.admin).call('listTokens');
    const find = (id: string) => tokens.find(({ token_id }) => token_id === id);
    expect(find(made.token_id)).toMatchObject({
      ...{ name: 'rack', agent_names: 'rack-*', replaces_id: old.token_id },
      parent_id: find(old.token_id)?.parent_id,
    });
    expect(find(old.token_id)?.expires_at).toBe(new Date(now + 300_000).toISOString());
    now += 300_000;
    expectRefusal(await server.ask('whoami', { token: old.token }), 401, 'unauthorized');
    const again = { token: acme.admin, params: { id: old.token_id }, body: {} };
    expectRefusal(await server.ask('rotateToken', again), 409, 'conflict');
    const rival = await server.ask('rotateToken', { ...again, params: { id: made.token_id } });
    expect(rival.status).toBe(201);
  });

  test('say by whoami what they are', async () => {
    const made = await create(acme.admin, { name: 'rack', scopes: ['agent'], agent_names: 'rack-*' });
    const admin = await server.as(acme.admin).call('whoami');
    const who = { agent_names: 'rack-*', parent_id: admin.token_id, expires_at: made.expires_at };
    await server.as(made.token).call('whoami');
    now += 60_000;
    await expect
      .poll(() => server.as(made.token).call('whoami'))
      .toMatchObject({ ...who, last_used_at: expect.any(String) });
  });

  test.each([
    ['admin', 'adm'],
    ['submit', 'sub'],
    ['read', 'red'],
    ['agent', 'agt'],
  ] as const)('with the scope %s say so in their text: %s', async (scope, kind) => {
    expect(acme[scope].split('_')[1]).toBe(kind);
  });
});

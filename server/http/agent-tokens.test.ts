import { beforeEach, expect, test } from 'vitest';
import type { BodyOf } from '../../protocol/contracts.ts';
import { startTestServer, type TestServer } from '../../test/support/server.ts';
import { expectRefusal } from '../../test/support/world.ts';

const dayMs = 86_400_000;

let server: TestServer;
let now: number;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  server = await startTestServer({ now: () => now });
  await server.client.call('createOrg', { body: { org_id: 'acme' } });
});

/** A new agent token of acme. */
const mint = async (more: Partial<BodyOf<'createToken'>> = {}) =>
  server.client.call('createToken', {
    body: { name: 'racks', org_id: 'acme', scopes: ['agent'], ...more },
  });

let boots = 0;

/** Registers as a new process of this agent. */
function register(token: string, name: string) {
  boots += 1;
  const bootId = `boot-number-${boots}`;
  const devices = [{ name: 'd', target: 'emulator' }];
  const body = { name, boot_id: bootId, version: '1', devices };
  return { bootId, answer: server.ask('registerAgent', { token, body }) };
}

const namesOf = async (tokenId: string) =>
  (await server.client.call('listTokens')).tokens.find((one) => one.token_id === tokenId)?.agent_names;

test('a token that names no agents is good for the first one that uses it, also when it starts anew', async () => {
  const { token, token_id } = await mint();
  expect(await namesOf(token_id)).toBeNull();
  expect((await register(token, 'rack-1').answer).status).toBe(200);
  expect(await namesOf(token_id)).toBe('rack-1');
  const other = await register(token, 'rack-2').answer;
  expectRefusal(other, 403, 'forbidden');
  expect(other.json.error.message).toMatch(/^this token is for agent rack-1, not for rack-2: /);
  expect((await register(token, 'rack-1').answer).status).toBe(200);
  expect((await server.client.call('listAgents')).agents.map(({ name }) => name)).toEqual(['rack-1']);
});

test('of two agents that use it first at the same time one is refused', async () => {
  const { token } = await mint();
  const answers = await Promise.all(['rack-1', 'rack-2'].map((name) => register(token, name).answer));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
});

test.each([
  ['rack-*', 'rack-1', 200],
  ['rack-*', 'rack-', 200],
  ['rack-*', 'a-rack-1', 403],
  ['rack-*', 'rack', 403],
  ['*', 'anything', 200],
  ['*-mac-*', 'lab-mac-7', 200],
  ['*-mac-*', 'lab-linux-7', 403],
  ['a*a', 'a', 403],
  ['a*b*b', 'ab', 403],
  ['a**b', 'ab', 200],
  ['rack.1', 'rack.1', 200],
  ['rack.1', 'rackx1', 403],
  ['r+a', 'rra', 403],
])('a token for %s registers %s: %i', async (names, name, status) => {
  const { token } = await mint({ agent_names: names });
  expect((await register(token, name).answer).status).toBe(status);
});

test.each(['', 'a b', '-rack', '(a+)+$', 'x'.repeat(129)])('the pattern "%s" is refused', async (names) => {
  const body = { name: 'x', org_id: 'acme', scopes: ['agent'], agent_names: names };
  expectRefusal(await server.ask('createToken', { body }), 400, 'invalid');
});

test('a pattern of many parts is compared at once with a name that almost matches', async () => {
  const { token } = await mint({ agent_names: `${'a*'.repeat(60)}b` });
  expectRefusal(await register(token, 'a'.repeat(128)).answer, 403, 'forbidden');
});

test('names of agents are for tokens with the scope agent', async () => {
  const body = { name: 'x', org_id: 'acme', scopes: ['read'], agent_names: 'rack-*' };
  expectRefusal(await server.ask('createToken', { body }), 400, 'invalid');
});

test('another token takes no agent over, until the first one is revoked or has expired', async () => {
  const [first, second] = [await mint({ expires_in_days: 1 }), await mint()];
  await register(first.token, 'rack-1').answer;
  const refused = await register(second.token, 'rack-1').answer;
  expectRefusal(refused, 403, 'forbidden');
  expect(refused.json.error.message).toContain('agent rack-1 is registered with another token');
  expect(await namesOf(second.token_id)).toBeNull();
  now += dayMs;
  expect((await register(second.token, 'rack-1').answer).status).toBe(200);

  const third = await mint();
  expectRefusal(await register(third.token, 'rack-1').answer, 403, 'forbidden');
  await server.client.call('deleteToken', { params: { id: second.token_id } });
  expect((await register(third.token, 'rack-1').answer).status).toBe(200);
});

test('a token that was made for the name of another one’s agent, or for a pattern, takes it over neither', async () => {
  const old = await mint();
  expect((await register(old.token, 'rack-1').answer).status).toBe(200);
  for (const agent_names of ['rack-1', 'rack-*', '*']) {
    const other = await mint({ agent_names });
    expectRefusal(await register(other.token, 'rack-1').answer, 403, 'forbidden');
  }
});

test('a token that replaces the one of an agent goes on with it: its heartbeats, its leases, its next start', async () => {
  const old = await mint();
  const before = register(old.token, 'rack-1');
  const { agent_id, devices } = (await before.answer).json;
  const next = await server.client.call('rotateToken', { params: { id: old.token_id }, body: {} });
  const beat = { params: { id: agent_id }, body: { boot_id: before.bootId, leases: [], wait_ms: 0 } };
  // Both are good for the time of the overlap.
  for (const { token } of [old, next])
    expect((await server.ask('heartbeat', { token, ...beat })).status).toBe(200);
  const take = { lease_id: 'lease-00000001', boot_id: before.bootId, device_id: devices[0].device_id };
  const asked = await server.ask('takeLease', { token: next.token, body: { ...take, wait_ms: 0 } });
  expect(asked.status).toBe(204);
  now += 60 * 60_000;
  expectRefusal(await server.ask('heartbeat', { token: old.token, ...beat }), 401, 'unauthorized');
  expect((await server.ask('heartbeat', { token: next.token, ...beat })).status).toBe(200);
  expect((await register(next.token, 'rack-1').answer).status).toBe(200);
  expect(await namesOf(next.token_id)).toBe('rack-1');
});

test('an agent that ran with the token of the operator changes to one of its own', async () => {
  const { token } = await mint({ org_id: undefined, shared: true });
  expect((await register(server.adminToken, 'rack-1').answer).status).toBe(200);
  expect((await register(token, 'rack-1').answer).status).toBe(200);
  expect((await server.client.call('listAgents')).agents).toHaveLength(1);
});

test('a token of the same org neither asks for leases nor beats in the name of another agent', async () => {
  const [own, other] = [await mint(), await mint({ agent_names: '*' })];
  const held = register(own.token, 'rack-1');
  const { agent_id, devices } = (await held.answer).json;
  await server.client.call('submitRun', {
    body: { org_id: 'acme', app_version_id: 'v1', tests: ['a.spec.ts'] },
  });
  const take = {
    lease_id: 'lease-00000001',
    boot_id: held.bootId,
    device_id: devices[0].device_id,
    wait_ms: 0,
  };
  expectRefusal(await server.ask('takeLease', { token: other.token, body: take }), 403, 'forbidden');
  const beat = {
    params: { id: agent_id },
    body: { boot_id: held.bootId, leases: [], wait_ms: 0 },
  };
  expectRefusal(await server.ask('heartbeat', { token: other.token, ...beat }), 403, 'forbidden');
  expect((await server.ask('heartbeat', { token: own.token, ...beat })).status).toBe(200);
  expect((await server.ask('takeLease', { token: own.token, body: take })).status).toBe(200);
});

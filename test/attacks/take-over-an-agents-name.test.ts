import { beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { expectRefusal } from '../support/world.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
  await server.client.call('createOrg', { body: { org_id: 'acme' } });
});

/** An agent token of acme; without names it is for the first one that uses it. */
const mint = (agentNames?: string) =>
  server.client.call('createToken', {
    body: {
      ...{ name: 'racks', org_id: 'acme', scopes: ['agent' as const] },
      ...(agentNames !== undefined && { agent_names: agentNames }),
    },
  });

const register = (token: string, name: string, bootId: string) =>
  server.ask('registerAgent', {
    token,
    body: { name, boot_id: bootId, version: '1', devices: [{ name: 'd', target: 'emulator' }] },
  });

test('a token for a pattern takes the name of no agent that another token has, and changes nothing of it', async () => {
  const [victim, thief] = [await mint(), await mint('*')];
  await register(victim.token, 'rack-1', 'boot-of-victim');
  const before = await server.client.call('listDevices');
  expectRefusal(await register(thief.token, 'rack-1', 'boot-of-thief'), 403, 'forbidden');
  expect(await server.client.call('listDevices')).toEqual(before);
  const { agents } = await server.client.call('listAgents');
  const beat = { params: { id: agents[0]?.agent_id ?? '' }, body: { boot_id: 'boot-of-victim', leases: [] } };
  const answer = await server.ask('heartbeat', {
    token: victim.token,
    ...beat,
    body: { ...beat.body, wait_ms: 0 },
  });
  expect(answer.status).toBe(200);
});

test('of two tokens that register one new name at once one gets it, and the other stays free', async () => {
  for (let n = 0; n < 5; n += 1) {
    const both = [await mint(), await mint()];
    const answers = await Promise.all(
      both.map(({ token }, i) => register(token, `rack-${n}`, `boot-of-${n}-${i}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const loser = both[answers.findIndex(({ status }) => status === 403)];
    // It was not bound to the name that it did not get.
    expect((await register(loser?.token ?? '', `spare-${n}`, `boot-of-spare-${n}`)).status).toBe(200);
  }
});

test('nobody but the operator speaks for an agent that registered with the token of the operator', async () => {
  const { json } = await register(server.adminToken, 'rack-1', 'boot-of-operator');
  const shared = { name: 'any', shared: true, scopes: ['agent' as const], agent_names: '*' };
  const { token } = await server.client.call('createToken', { body: shared });
  const beat = {
    params: { id: json.agent_id },
    body: { boot_id: 'boot-of-operator', leases: [], wait_ms: 0 },
  };
  expectRefusal(await server.ask('heartbeat', { token, ...beat }), 403, 'forbidden');
  const take = {
    lease_id: 'lease-00000001',
    boot_id: 'boot-of-operator',
    device_id: json.devices[0].device_id,
  };
  expectRefusal(await server.ask('takeLease', { token, body: { ...take, wait_ms: 0 } }), 403, 'forbidden');
  expect((await server.ask('heartbeat', beat)).status).toBe(200);
});

test('a name whose token was revoked, and all that replace it, is free', async () => {
  const [first, second] = [await mint(), await mint('rack-*')];
  await register(first.token, 'rack-1', 'boot-of-first');
  const next = await server.client.call('rotateToken', {
    params: { id: first.token_id },
    body: { overlap_minutes: 0 },
  });
  // The old one has ended, and its successor has the name.
  expectRefusal(await register(second.token, 'rack-1', 'boot-of-second'), 403, 'forbidden');
  await server.client.call('deleteToken', { params: { id: next.token_id } });
  expect((await register(second.token, 'rack-1', 'boot-of-second')).status).toBe(200);
});

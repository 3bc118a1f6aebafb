import { expect, test } from 'vitest';
import { addOrg, startTestServer } from '../support/server.ts';
import { expectRefusal } from '../support/world.ts';

const agentOf = (name: string, ...targets: string[]) => ({
  ...{ name, boot_id: `boot-of-${name}`, version: '1' },
  devices: targets.map((target, n) => ({ name: `d${n}`, target })),
});

test('an agent for strangers’ code draws no job of others to itself by offering their target', async () => {
  const server = await startTestServer();
  const tokens = await addOrg(server, 'acme');
  const admin = server.as(tokens.admin);
  const body = { name: 'forks', scopes: ['agent' as const], agent_names: '*' };
  const made = await admin.call('createToken', { body: { ...body, agent_targets: ['emulator/forks-*'] } });
  const register = (token: string, name: string, ...targets: string[]) =>
    server.ask('registerAgent', { token, body: agentOf(name, ...targets) });

  const refused = await register(made.token, 'weak', 'emulator/forks-1', 'emulator');
  expectRefusal(refused, 403, 'forbidden');
  expect(refused.json.error.message).toContain('for agents with emulator/forks-*, not for emulator');
  expect((await register(made.token, 'weak', 'emulator/forks-1')).status).toBe(200);
  // Nor later, nor by a token that replaces it.
  expectRefusal(await register(made.token, 'weak', 'emulator'), 403, 'forbidden');
  const next = await admin.call('rotateToken', {
    params: { id: made.token_id },
    body: { overlap_minutes: 0 },
  });
  expectRefusal(await register(next.token, 'weak', 'emulator'), 403, 'forbidden');
  expect((await register(tokens.agent, 'strong', 'emulator')).status).toBe(200);
  const { tokens: listed } = await admin.call('listTokens');
  expect(listed.find(({ token_id: id }) => id === next.token_id)?.agent_targets).toEqual([
    'emulator/forks-*',
  ]);
});

test('targets are for tokens of agents, and are targets', async () => {
  const server = await startTestServer();
  const { admin } = await addOrg(server, 'acme');
  const create = (scopes: string[], targets: string[]) =>
    server.ask('createToken', { token: admin, body: { name: 'x', scopes, agent_targets: targets } });
  expectRefusal(await create(['read'], ['emulator']), 400, 'invalid');
  expectRefusal(await create(['agent'], ['phones']), 400, 'invalid');
  expectRefusal(await create(['agent'], []), 400, 'invalid');
  expect((await create(['agent'], ['device/*'])).status).toBe(201);
});

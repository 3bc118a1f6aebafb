import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../agent/config.ts';
import { readKept } from '../../agent/tokens/kept-token.ts';
import { ownToken } from '../../agent/tokens/own-token.ts';
import { TokenRenewal } from '../../agent/tokens/token-renewal.ts';
import { createAgentClient } from '../../client/agent-client.ts';
import { makeFolder } from '../support/processes.ts';
import { startTestServer } from '../support/server.ts';
import { agentFile } from '../support/workspace-files.ts';

const dayMs = 86_400_000;

async function openLab() {
  let now = Date.now();
  const server = await startTestServer({ now: () => now, flags: { max_token_days: '30' } });
  const cwd = makeFolder({ 'qgjob.agent.json': agentFile({ name: 'rack' }) });
  const config = readConfig({ token: server.adminToken }, cwd, {});
  const file = join(cwd, '.qgjob/agent/rack/token.json');
  const operator = createAgentClient({ url: server.url, token: server.adminToken });
  return {
    ...{ server, config, file, operator },
    own: (token = server.adminToken) => ownToken(config, operator.as(token), token),
    advance: (ms: number) => {
      now += ms;
    },
    now: () => now,
  };
}

test("an agent's own token lives as long as the server allows, and is replaced at two thirds of that", async () => {
  const { server, operator, file, own, advance, now } = await openLab();
  const kept = await own();
  const renewal = new TokenRenewal({ client: operator, kept, file, now });
  const learned: string[] = [];
  const listener = { onToken: (token: string) => void learned.push(token), say: () => undefined };
  const { expires_at: end } = await renewal.client.call('whoami');
  expect(Date.parse(end ?? '')).toBeLessThanOrEqual(now() + 30 * dayMs);
  advance(19 * dayMs);
  expect(await renewal.renewIfDue(listener)).toBe(false);
  advance(2 * dayMs);
  expect(await renewal.renewIfDue(listener)).toBe(true);
  const next = await readKept(file);
  expect(learned).toEqual([next?.token]);
  expect(next?.token).not.toBe(kept.token);
  // The client goes on with it once the old one has ended.
  advance(2 * dayMs);
  expect((await server.ask('whoami', { token: kept.token })).status).toBe(401);
  expect((await renewal.client.call('whoami')).agent_names).toBe('rack');
  expect(await renewal.renewIfDue(listener)).toBe(false);
});

test("after the operator's token was replaced the agent keeps its own", async () => {
  const { server, own, file } = await openLab();
  const kept = await own();
  const { token_id: id } = await server.client.call('whoami');
  const next = await server.client.call('rotateToken', { params: { id }, body: {} });
  expect(readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim()).toBe(next.token);
  expect((await own(next.token)).token).toBe(kept.token);
  expect((await readKept(file))?.made_by).toBe(next.token_id);
});

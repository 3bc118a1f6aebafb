import { expect, test } from 'vitest';
import { openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { type AgentCaller, findAgent, isForeign, refuseToken } from './find-agent.ts';

const boot = 'boot-of-rack';

/** An agent of acme that registered with the token t2, which has replaced t1; or with a token without an earlier one. */
async function registered(queue: TestQueue, rootId: string | null) {
  const agent = await queue.agent('rack', ['emulator'], { owner: 'acme' });
  await queue.deps.sql.write([
    {
      sql: `INSERT INTO tokens (id, name, scopes, hash, created_at, root_id) VALUES ('t2', 'n', '["agent"]', 'h', 1, ?)`,
      args: [rootId],
    },
    { sql: `UPDATE agents SET token_id = 't2'`, args: [] },
  ]);
  return (caller: AgentCaller, id = agent.agentId, bootId = boot) =>
    findAgent(queue.deps, caller, id, bootId);
}

const forbidden = { code: 'forbidden', message: 'agent rack registered with another token' };

test('an agent is found by the tokens that replace each other, and by the operator', async () => {
  const find = await registered(await openTestQueue(), 't1');
  for (const caller of [{ owner: 'acme', rootId: 't1' }, { owner: 'acme' }, { owner: undefined }])
    expect(await find(caller)).toMatchObject({ name: 'rack', owner: 'acme' });
  await expect(find({ owner: 'acme', rootId: 't2' })).rejects.toMatchObject(forbidden);
  await expect(find({ owner: 'acme', rootId: 't3' })).rejects.toMatchObject(forbidden);
});

test('a token that has replaced none stands for itself', async () => {
  const find = await registered(await openTestQueue(), null);
  expect(await find({ owner: 'acme', rootId: 't2' })).toMatchObject({ name: 'rack' });
  await expect(find({ owner: 'acme', rootId: 't1' })).rejects.toMatchObject(forbidden);
});

test('the agent of another owner is not there, and one of an older process must stop', async () => {
  const queue = await openTestQueue();
  const find = await registered(queue, null);
  const message = expect.stringMatching(/^no agent \S+$/);
  await expect(find({ owner: 'other', rootId: 't2' })).rejects.toMatchObject({ code: 'not_found', message });
  await expect(find({ owner: 'acme' }, 'unknown')).rejects.toMatchObject({
    ...{ code: 'not_found', message: 'no agent unknown' },
  });
  await expect(find({ owner: 'acme' }, undefined, 'older-boot')).rejects.toMatchObject({
    ...{ code: 'replaced', message: 'another process has registered as agent rack; this one must stop' },
  });
});

test('an agent that registered with the operator token is spoken for by nobody else', () => {
  expect(refuseToken({ owner: '', rootId: 't1' }, null, 'rack')).toMatchObject(forbidden);
  expect(refuseToken({ owner: '', rootId: undefined }, null, 'rack')).toBeUndefined();
  expect([
    isForeign({ owner: '' }, 'acme'),
    isForeign({ owner: '' }, ''),
    isForeign({ owner: undefined }, 'acme'),
  ]).toEqual([true, false, false]);
});

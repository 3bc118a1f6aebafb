import { expect, test } from 'vitest';
import { anyOrg, openTestQueue } from '../../../test/support/queue.ts';
import { giveBack } from '../leases/index.ts';
import { cancelRun, retryRun } from '../runs/index.ts';

const settings = [
  { params: { URL: 'http://one' } },
  { params: { URL: 'http://two' } },
  { grep: '@smoke "quoted"' },
  {},
];

test('a lease says what its run gives to the tests and which of them run, and has jobs of that run alone', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const runs = new Map<string, object>();
  for (const more of settings) runs.set((await queue.submit(more)).run.run_id, more);
  const hashes = new Set<string | undefined>();
  for (const _ of settings) {
    const { lease_id, jobs, params, grep, source_hash } = await agent.mustTake();
    expect(jobs).toHaveLength(1);
    expect({ ...(params && { params }), ...(grep && { grep }) }).toEqual(runs.get(jobs[0]?.run_id ?? ''));
    hashes.add(source_hash);
    await cancelRun(queue.deps, jobs[0]?.run_id ?? '', anyOrg);
    await queue.deps.sql.write(giveBack(lease_id, queue.deps.now()));
  }
  expect(hashes.size).toBe(settings.length);
});

test('a retry has the params and the grep of its run', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const both = { params: { URL: 'http://one' }, grep: '@smoke' };
  const { run } = await queue.submit(both);
  await cancelRun(queue.deps, run.run_id, anyOrg);
  await retryRun(queue.deps, { id: run.run_id }, anyOrg);
  expect(await agent.mustTake()).toMatchObject(both);
});

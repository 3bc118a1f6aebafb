import { expect, test } from 'vitest';
import { openDispatcher } from '../../../test/support/lease-dispatcher.ts';
import { anyOrg, openTestQueue } from '../../../test/support/queue.ts';
import { giveBack } from '../leases/index.ts';
import { explainJob } from '../runs/explain-job.ts';

const commit = (digit: string) => ({ kind: 'workspace' as const, sha: digit.repeat(40) });

/** Two runs of one app with different code, the first one first, and a device that asks without waiting. */
async function twoRuns() {
  const queue = await openTestQueue();
  const { deviceIds } = await queue.agent('rack', ['emulator']);
  const submitted = [];
  for (const digit of ['a', 'b']) submitted.push(await queue.submit({ source: commit(digit) }));
  const dispatcher = await openDispatcher(queue);
  const ask = (busy_sources?: string[]) =>
    dispatcher.request(deviceIds[0] ?? '', 'boot-of-rack', {
      wait_ms: 0,
      ...(busy_sources && { busy_sources }),
    }).answer;
  const release = (leaseId = '') => queue.deps.sql.write(giveBack(leaseId, queue.deps.now()));
  const jobs = submitted.map(({ jobs: [job] }) => job?.job_id ?? '');
  const why = (index: number) => explainJob(queue.deps, jobs[index] ?? '', anyOrg);
  return { queue, ask, release, why };
}

test('a device that cannot run a source for now gets jobs of another one of the same app', async () => {
  const { ask, release } = await twoRuns();
  const first = await ask();
  expect(first).toMatchObject({ source: commit('a'), source_hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  await release(first?.lease_id);
  const second = await ask([first?.source_hash ?? '']);
  expect(second).toMatchObject({ source: commit('b') });
});

test('a device that can run none of the sources gets nothing', async () => {
  const { ask, release } = await twoRuns();
  const hashes: string[] = [];
  for (const _run of ['a', 'b']) {
    const lease = await ask([...hashes]);
    hashes.push(lease?.source_hash ?? '');
    await release(lease?.lease_id);
  }
  expect(new Set(hashes).size).toBe(2);
  expect(await ask(hashes)).toBeUndefined();
  expect((await ask())?.jobs).toHaveLength(1);
});

test('why says it, as long as no other device is free for the job', async () => {
  const { queue, ask, release, why } = await twoRuns();
  const lease = await ask();
  await release(lease?.lease_id);
  const reasons = async () => (await why(0)).blocked_by.map(({ reason }) => reason);
  await ask([lease?.source_hash ?? '']);
  expect(await reasons()).toEqual(['host_busy']);
  await queue.agent('other', ['emulator']);
  expect(await reasons()).toEqual([]);
});

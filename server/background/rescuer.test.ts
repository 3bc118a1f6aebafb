import { expect, test } from 'vitest';
import { anyOrg, everyone, openTestQueue } from '../../test/support/queue.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { readJob } from '../queue/store/read-job.ts';
import { createRescuer } from './loops.ts';

const ttlMs = 60_000;

/** A running test whose lease nobody renews, and a rescuer whose clock the test moves. */
async function runningJob() {
  const queue = await openTestQueue({ leaseTtlMs: ttlMs });
  let monotonic = 0;
  const trouble: (() => void)[] = [];
  const sql = { ...queue.deps.sql, onTrouble: (listener: () => void) => void trouble.push(listener) };
  const deps = { ...queue.deps, sql };
  const fail = (error: unknown) => {
    throw error;
  };
  const rescuer = createRescuer(
    deps,
    () => fail,
    () => monotonic,
  );
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ tests: ['a'] });
  const lease = await agent.mustTake();
  const jobId = lease.jobs[0]?.job_id ?? '';
  await startAttempt(deps, everyone, { leaseId: lease.lease_id, jobId, attempt: 1 });
  queue.advance(ttlMs * 5);
  return {
    status: async () => (await readJob(deps, jobId, anyOrg)).status,
    beTroubled: () => {
      for (const listener of trouble) listener();
    },
    /** Runs a pass after this time, ms. */
    passAfter: (ms: number) => {
      monotonic += ms;
      return rescuer.runOnce();
    },
  };
}

test('after a start nothing is taken back for one whole TTL, then it is', async () => {
  const { passAfter, status } = await runningJob();
  for (let ms = 0; ms < ttlMs - 10_000; ms += 10_000) await passAfter(10_000);
  expect(await status()).toBe('running');
  await passAfter(10_000);
  expect(await status()).toBe('waiting');
});

test('after the process stood still, agents have one whole TTL to renew', async () => {
  const { passAfter, status } = await runningJob();
  await passAfter(ttlMs * 3);
  for (let ms = 0; ms < ttlMs - 10_000; ms += 10_000) await passAfter(10_000);
  expect(await status()).toBe('running');
  await passAfter(10_000);
  expect(await status()).toBe('waiting');
});

test('after a database that took no writes, agents have one whole TTL to renew', async () => {
  const { passAfter, beTroubled, status } = await runningJob();
  for (let ms = 0; ms < ttlMs - 10_000; ms += 10_000) await passAfter(10_000);
  beTroubled();
  await passAfter(10_000);
  expect(await status()).toBe('running');
  for (let ms = 0; ms < ttlMs; ms += 10_000) await passAfter(10_000);
  expect(await status()).toBe('waiting');
});

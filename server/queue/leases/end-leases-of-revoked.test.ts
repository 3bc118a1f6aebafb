import { expect, test } from 'vitest';
import { running } from '../../../test/support/lifecycle/job-setups.ts';
import { anyOrg, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import type { Deps } from '../store/deps.ts';
import { readAttempts } from '../store/read-job.ts';
import { endLeasesOfRevoked } from './end-leases-of-revoked.ts';

/** The agent of a running job has a token that was revoked at this instant; null: that is live. */
async function revokedAt(queue: TestQueue, at: number | null) {
  const started = await running(queue);
  await queue.deps.sql.write([
    {
      sql: `INSERT INTO tokens (id, name, scopes, hash, created_at, revoked_at) VALUES ('t1', 'n', '["agent"]', 'h', 1, ?)`,
      args: [at],
    },
    { sql: `UPDATE agents SET token_id = 't1'`, args: [] },
  ]);
  return started;
}

test('the leases of agents whose token was revoked since then end, once', async () => {
  const queue = await openTestQueue();
  const { ref } = await revokedAt(queue, 500);
  expect(await endLeasesOfRevoked(queue.deps, 501)).toBe(0);
  expect(await endLeasesOfRevoked(queue.deps, 500)).toBe(1);
  expect(await endLeasesOfRevoked(queue.deps, 500)).toBe(0);
  expect((await readAttempts(queue.deps, ref.jobId, anyOrg))[0]).toMatchObject({
    ...{ error_class: 'lost', error: 'the token of its agent was revoked' },
  });
});

test('those of a token that is live do not', async () => {
  const queue = await openTestQueue();
  await revokedAt(queue, null);
  expect(await endLeasesOfRevoked(queue.deps, 0)).toBe(0);
});

test('one that somebody else has ended meanwhile is not counted', async () => {
  const queue = await openTestQueue();
  await revokedAt(queue, 500);
  // Found twice, it expires once.
  const read: Deps['sql']['read'] = async (sql, args) => {
    const rows = await queue.deps.sql.read(sql, args);
    return sql.includes('revoked_at') ? [...rows, ...rows] : rows;
  };
  expect(await endLeasesOfRevoked({ ...queue.deps, sql: { ...queue.deps.sql, read } }, 500)).toBe(1);
});

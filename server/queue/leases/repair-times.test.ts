import { expect, test } from 'vitest';
import { openTestQueue } from '../../../test/support/queue.ts';
import { readConfig } from '../../config.ts';
import { longestBackoffMs } from '../attempts/index.ts';
import { longestTtlMs, newestInstant, repairTimes } from './repair-times.ts';

const dayMs = 86_400_000;

async function leaseThatEndsIn(ms: number) {
  const queue = await openTestQueue({ leaseTtlMs: 60_000 });
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ tests: ['a'] });
  await agent.mustTake();
  const now = queue.deps.now();
  await queue.deps.sql.write([{ sql: 'UPDATE leases SET expires_at = ?', args: [now + ms] }]);
  await repairTimes(queue.deps);
  const [lease] = await queue.deps.sql.read('SELECT expires_at FROM leases');
  return { endsIn: Number(lease?.expires_at) - now, isShared: queue.deps.sql.isRemote };
}

test('a lease that a wrong clock has given for a day ends when one can end at the latest', async () => {
  const { endsIn, isShared } = await leaseThatEndsIn(dayMs);
  expect(endsIn).toBe(isShared ? longestTtlMs : 60_000);
});

test('a lease of a server with a longer TTL is shortened only where there can be no other server', async () => {
  const { endsIn, isShared } = await leaseThatEndsIn(10 * 60_000);
  expect(endsIn).toBe(isShared ? 10 * 60_000 : 60_000);
});

test('a backoff that a wrong clock has made ends when one can end at the latest, a delay when it was asked to', async () => {
  const queue = await openTestQueue();
  await queue.submit({ tests: ['a'], delay_ms: dayMs });
  const asked = queue.deps.now() + dayMs;
  const endsAt = async (reason: string) => {
    await queue.deps.sql.write([{ sql: 'UPDATE jobs SET wait_reason = ?', args: [reason] }]);
    await repairTimes(queue.deps);
    return (await queue.deps.sql.read('SELECT run_at FROM jobs'))[0]?.run_at;
  };
  expect(await endsAt('delay')).toBe(asked);
  expect(await endsAt('backoff')).toBe(queue.deps.now() + longestBackoffMs);
});

test('the last instant that a database knows is that of its last event', async () => {
  const queue = await openTestQueue();
  expect(await newestInstant(queue.deps)).toBe(0);
  await queue.submit({ tests: ['a'] });
  expect(await newestInstant(queue.deps)).toBe(queue.deps.now());
});

test('no server may have a TTL longer than the longest', () => {
  expect(readConfig({ lease_ttl_ms: String(longestTtlMs) }, {}).lease_ttl_ms).toBe(longestTtlMs);
  expect(() => readConfig({ lease_ttl_ms: String(longestTtlMs + 1) }, {})).toThrow('--lease-ttl-ms');
});

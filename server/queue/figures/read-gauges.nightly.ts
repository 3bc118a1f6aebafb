import { expect, test } from 'vitest';
import { openTestQueue } from '../../../test/support/queue.ts';
import { readGauges } from './index.ts';

// About a minute for the million.
test('a look at a million queued jobs in 2000 groups, with 200 devices, takes a few ms', {
  timeout: 600_000,
}, async () => {
  const queue = await openTestQueue();
  await queue.deps.sql.read('PRAGMA synchronous = OFF');
  const tests = Array.from({ length: 500 }, (_, n) => `tests/${n}.spec.ts`);
  for (let n = 0; n < 2000; n += 1) {
    await queue.submit({
      org_id: `org-${n % 20}`,
      app_version_id: `v${n}`,
      tests,
      target: n % 2 ? 'emulator' : 'device',
    });
    queue.advance(10);
  }
  for (let n = 0; n < 20; n += 1)
    await queue.agent(
      `rack-${n}`,
      Array.from({ length: 10 }, () => (n % 2 ? 'emulator' : 'device')),
    );
  const times: number[] = [];
  for (let n = 0; n < 101; n += 1) {
    const from = performance.now();
    const { targets } = await readGauges(queue.deps);
    times.push(performance.now() - from);
    expect(targets.reduce((sum, one) => sum + one.queued, 0)).toBe(1_000_000);
  }
  const [p50 = 0, p99 = 0] = [times.sort((a, b) => a - b)[50], times[99]];
  console.log(`a look at a million jobs: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  expect(p50).toBeLessThan(10);
});

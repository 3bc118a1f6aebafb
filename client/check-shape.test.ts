import { expect, test } from 'vitest';
import { leasedJob, leaseOf } from '../agent/test-support/leases.ts';
import { checkJson } from './check-shape.ts';

const lease = leaseOf(['a.spec.ts', 'b.spec.ts']);
const registered = {
  agent_id: 'agt_1',
  devices: [{ device_id: 'dev_1', name: 'one' }],
  lease_ttl_ms: 60_000,
  heartbeat_ms: 15_000,
};

test('a lease with words and fields that only a newer server knows is passed on', () => {
  const newer = {
    ...lease,
    framework: 'cypress',
    source: { kind: 'registry', name: 'x' },
    mood: 'fine',
    jobs: [leasedJob('a.spec.ts', { status: 'borrowed' as 'scheduled' })],
  };
  expect(checkJson('takeLease', newer)).toEqual({ value: newer });
  expect(checkJson('registerAgent', { ...registered, mood: 'fine' })).toMatchObject({ value: registered });
});

test('a test path that breaks the rules for paths is left to the agent', () => {
  const job = leasedJob(' ../a.spec.ts\u0000');
  const odd = { ...lease, jobs: [job] };
  expect(checkJson('takeLease', odd)).toEqual({ value: odd });
  expect(checkJson('finishJob', job)).toEqual({ value: job });
});

test.each<[what: string, answer: unknown, why: string]>([
  ['a word', 'lease', 'Invalid input: expected object, received string'],
  ['null', null, 'Invalid input: expected object, received null'],
  ['jobs that are none', { ...lease, jobs: {} }, 'jobs: Invalid input: expected array, received object'],
  ['a job that is none', { ...lease, jobs: [null] }, 'jobs.0: Invalid input: expected object, received null'],
  ['no word for a framework', { ...lease, framework: '<x>' }, 'framework: '],
  [
    'a time that is no number',
    { ...lease, jobs: [leasedJob('a', { timeout_ms: Number.POSITIVE_INFINITY })] },
    'jobs.0.timeout_ms: Invalid input',
  ],
  [
    'a test path of a megabyte',
    { ...lease, jobs: [leasedJob('a'.repeat(1_000_000))] },
    'jobs.0.test_path: Too big',
  ],
])('%s instead of a lease is refused', (_what, answer, why) => {
  expect(checkJson('takeLease', answer)).toEqual({ why: expect.stringContaining(why) });
});

test.each([
  [undefined, 'Invalid input: expected object, received undefined'],
  [{ ...registered, lease_ttl_ms: 'x' }, 'lease_ttl_ms: Invalid input: expected number, received string'],
])('%j instead of a registration is refused', (answer, why) => {
  expect(checkJson('registerAgent', answer)).toEqual({ why });
});

test.each([22_000, 1_000_000])('of a lease of %i jobs not one is looked at', (count) => {
  let looked = 0;
  const jobs = new Proxy(Array(count).fill(leasedJob('a.spec.ts')), {
    get(target, key, receiver) {
      if (/^\d+$/.test(String(key)) || key === Symbol.iterator) looked += 1;
      return Reflect.get(target, key, receiver);
    },
  });
  expect(checkJson('takeLease', { ...lease, jobs })).toEqual({ why: `a lease of ${count} jobs` });
  expect(looked).toBe(0);
});

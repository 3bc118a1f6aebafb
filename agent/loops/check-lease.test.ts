import { expect, test } from 'vitest';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { checkLease } from './check-lease.ts';

const asked = 'lse_0123456789';
const good = leaseOf(['a.sh', 'b.sh'], { lease_id: asked });
const withJob = (more: object) => ({ ...good, jobs: [{ ...leasedJob('a.sh'), ...more }] });
const many = (count: number) => ({
  ...good,
  jobs: Array.from({ length: count }, (_, n) => leasedJob('a.sh', { job_id: `job_${n}` })),
});

test('a lease like those of a server is taken', () => {
  expect(checkLease(asked, good)).toEqual(good);
  expect(checkLease(asked, many(16)).jobs).toHaveLength(16);
});

test("a test path that cannot be is the job's own matter", () => {
  expect(checkLease(asked, withJob({ test_path: '../x\u0000' })).jobs).toHaveLength(1);
});

test.each([
  ['a word', 'lease', 'a lease without jobs'],
  ['null', null, 'a lease without jobs'],
  ['no jobs', { ...good, jobs: [] }, 'a lease without jobs'],
  ['a million jobs', { ...good, jobs: Array(1_000_000).fill({}) }, 'a lease of 1000000 jobs'],
  ['jobs of another shape', { ...good, jobs: [null] }, 'jobs.0 of a lease is none'],
  ['an unknown framework', { ...good, framework: 'x' }, 'framework of a lease is none'],
  ['another lease', { ...good, lease_id: '../\n\u001b[2Jx' }, 'a lease "../ x" that nobody asked for'],
  [
    'a job twice',
    { ...good, jobs: [leasedJob('a.sh'), leasedJob('a.sh')] },
    'a lease that names a job twice',
  ],
  [
    'an address with a NUL',
    { ...good, app: { platform: 'x', url: '\u0000' } },
    'an app at an address that is none',
  ],
  ['a job id that is a path', withJob({ job_id: '../x' }), 'a job id "../x"'],
  ['attempt 0', withJob({ next_attempt: 0 }), 'attempt 0 of a job'],
  ['attempt 1001', withJob({ next_attempt: 1001 }), 'attempt 1001 of a job'],
  ['no time', withJob({ timeout_ms: 0 }), '0 ms for a test'],
  ['a time beyond all timers', withJob({ timeout_ms: 2 ** 31 }), '2147483648 ms for a test'],
  [
    'a time that is no number',
    withJob({ timeout_ms: Number.POSITIVE_INFINITY }),
    'jobs.0.timeout_ms of a lease is none',
  ],
])('%s is refused in one line', (_what, answer, why) => {
  expect(() => checkLease(asked, answer)).toThrow(`the server's answer makes no sense: ${why}`);
});

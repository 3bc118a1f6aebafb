import { expect, test } from 'vitest';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { checkLease, checkRegistered } from './check-answers.ts';

const asked = 'lse_0123456789';
const lease = leaseOf(['a.sh', 'b.sh'], { lease_id: asked });
const withJob = (more: object) => ({ ...lease, jobs: [{ ...leasedJob('a.sh'), ...more }] });

test('a lease like those of a server is taken', () => {
  const jobs = Array.from({ length: 16 }, (_, n) => leasedJob('a.sh', { job_id: `job_${n}` }));
  expect(checkLease(asked, lease)).toEqual(lease);
  expect(checkLease(asked, { ...lease, jobs }).jobs).toHaveLength(16);
});

test('a bad test path is left to the job that has it', () => {
  expect(checkLease(asked, withJob({ test_path: '../x\u0000' })).jobs).toHaveLength(1);
});

test.each([
  ['no jobs', { ...lease, jobs: [] }, 'a lease without jobs'],
  ['another lease', { ...lease, lease_id: '../\n\u001b[2Jx' }, 'a lease "../ x" that nobody asked for'],
  [
    'a job twice',
    { ...lease, jobs: [leasedJob('a.sh'), leasedJob('a.sh')] },
    'a lease that names a job twice',
  ],
  [
    'an address with a NUL',
    { ...lease, app: { platform: 'x', url: '\u0000' } },
    'an app at an address that is none',
  ],
  ['a job id that is a path', withJob({ job_id: '../x' }), 'a job id "../x"'],
  ['attempt 0', withJob({ next_attempt: 0 }), 'attempt 0 of a job'],
  ['attempt 1001', withJob({ next_attempt: 1001 }), 'attempt 1001 of a job'],
  ['no time', withJob({ timeout_ms: 0 }), '0 ms for a test'],
  ['a time beyond all timers', withJob({ timeout_ms: 2 ** 31 }), '2147483648 ms for a test'],
])('a lease with %s is refused in one line', (_what, answer, why) => {
  expect(() => checkLease(asked, answer)).toThrow(`the server's answer makes no sense: ${why}`);
});

const registered = {
  agent_id: 'agt_1',
  devices: [{ device_id: 'dev_1', name: 'one' }],
  lease_ttl_ms: 60_000,
  heartbeat_ms: 15_000,
};

test('a registration like those of a server is taken', () => {
  expect(checkRegistered(['one'], registered)).toEqual(registered);
});

test.each([
  ['an id that is a path', { ...registered, agent_id: '../..' }, 'an agent id "../.."'],
  ['a missing device', { ...registered, devices: [] }, 'no id for the device one'],
  ['a device without an id', { ...registered, devices: [{ device_id: '', name: 'one' }] }, 'a device id ""'],
  ['no lease time', { ...registered, lease_ttl_ms: 0 }, 'a lease time of 0 ms'],
  [
    'a lease time beyond all timers',
    { ...registered, lease_ttl_ms: 2 ** 40 },
    'a lease time of 1099511627776 ms',
  ],
  [
    'no heartbeat',
    { ...registered, heartbeat_ms: 0 },
    'a heartbeat every 0 ms, with a lease time of 60000 ms',
  ],
  [
    'a heartbeat after the lease',
    { ...registered, heartbeat_ms: 60_001 },
    'a heartbeat every 60001 ms, with a lease time of 60000 ms',
  ],
])('a registration with %s is refused in one line', (_what, answer, why) => {
  expect(() => checkRegistered(['one'], answer)).toThrow(`the server's answer makes no sense: ${why}`);
});

import { expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { LiveLease } from './lease-book.ts';

const client = createClient({ url: 'http://127.0.0.1:9' });
const leaseOf = (...jobIds: string[]): LiveLease =>
  new LiveLease(
    { lease_id: 'lse_1', token: 'qgj_lse_1', jobs: jobIds.map((job_id) => ({ job_id })) },
    client,
  );

test('what begins after the lease was lost is stopped at once', () => {
  const lease = leaseOf('job_1');
  lease.lose();
  expect(lease.begin().reason).toBe('lost');
});

test('what begins after its own job was cancelled is stopped at once, another job is not', () => {
  const lease = leaseOf('job_1', 'job_2');
  lease.cancel(['job_1']);
  expect(lease.begin('job_1').reason).toBe('cancelled');
  expect(lease.begin('job_2').aborted).toBe(false);
});

test('a cancel stops no install, a loss does', () => {
  const lease = leaseOf('job_1');
  const install = lease.begin();
  lease.cancel(['job_1']);
  expect(install.aborted).toBe(false);
  lease.lose();
  expect(install.reason).toBe('lost');
});

test('the first reason is the one that counts, and nothing stops what has ended', () => {
  const lease = leaseOf('job_1', 'job_2');
  const first = lease.begin('job_1');
  lease.cancel(['job_1']);
  lease.lose();
  expect(first.reason).toBe('cancelled');
  const other = leaseOf('job_1');
  const ended = other.begin('job_1');
  other.end('job_1');
  other.lose();
  expect(ended.aborted).toBe(false);
});

test('jobs of other leases are ignored, however many a server names', () => {
  const lease = leaseOf('job_1');
  lease.cancel(['job_2', '__proto__']);
  expect(lease.begin('job_2').aborted).toBe(false);
});

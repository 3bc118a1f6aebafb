import { expect, test } from 'vitest';
import { describeWhy } from './describe-why.ts';

test('a job that is blocked says by what and until when', () => {
  const lines = describeWhy({
    job_id: 'job_1',
    status: 'queued',
    position: 3,
    blocked_by: [
      { reason: 'org_cap', message: 'org acme has the 2 leases that it may have at once', until: null },
      { reason: 'avoided_device', message: 'it waits for another device', until: '2026-01-01T00:01:00.000Z' },
    ],
    notes: ['1 of 3 devices is borrowed until 14:30 UTC'],
    starts_in_ms: null,
  });
  expect(lines).toEqual([
    'job_1  queued, number 3 in its queue',
    '  org acme has the 2 leases that it may have at once',
    '  it waits for another device, until 2026-01-01T00:01:00.000Z',
    '  1 of 3 devices is borrowed until 14:30 UTC',
  ]);
});

test('one that nothing blocks says so, with an estimate', () => {
  const lines = describeWhy({
    job_id: 'job_1',
    status: 'queued',
    position: 1,
    blocked_by: [],
    notes: [],
    starts_in_ms: 30_000,
  });
  expect(lines).toEqual([
    'job_1  queued, number 1 in its queue',
    '  nothing blocks it: it waits for a device',
    '  should start in about 30.0 s',
  ]);
});

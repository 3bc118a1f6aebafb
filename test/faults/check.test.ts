import { expect, test } from 'vitest';
import type { Device } from '../../protocol/shapes/fleet.ts';
import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { check } from './check.ts';
import type { Submit } from './clients.ts';
import type { Evidence } from './evidence.ts';
import { goodEvidence as good } from './good-evidence.ts';
import type { JournalLine } from './suite.ts';

const withJob = (id: string, change: Partial<Job>): Partial<Evidence> => {
  const jobs = good.jobs.map((job) => (job.job_id === id ? { ...job, ...change } : job));
  // Every observation but the queued state has the change too.
  const seen = Object.entries(good.observations).map(([jobId, list]) => [
    jobId,
    list.map((one) =>
      jobId === id && one.job.status !== 'queued' ? { ...one, job: { ...one.job, ...change } } : one,
    ),
  ]);
  return { jobs, observations: Object.fromEntries(seen) };
};
const withAttempts = (id: string, attempts: readonly Attempt[]): Partial<Evidence> => ({
  attempts: { ...good.attempts, [id]: attempts },
});
const withAttempt = (id: string, number: number, change: Partial<Attempt>): Partial<Evidence> =>
  withAttempts(
    id,
    (good.attempts[id] ?? []).map((one) => (one.attempt === number ? { ...one, ...change } : one)),
  );
const withSubmit = (change: Partial<Submit>): Partial<Evidence> => ({
  submits: good.submits.map((submit) => ({ ...submit, ...change })),
});
const withRun = (change: Partial<Run>): Partial<Evidence> => ({
  runs: good.runs.map((run) => ({ ...run, ...change })),
});
const seenLater = (id: string, change: Partial<Job>): Partial<Evidence> => {
  const last = good.jobs
    .filter((job) => job.job_id === id)
    .map((job) => ({ at: 9000, job: { ...job, ...change } }));
  return { observations: { ...good.observations, [id]: [...(good.observations[id] ?? []), ...last] } };
};
const andRan = (...lines: JournalLine[]): Partial<Evidence> => ({ journal: [...good.journal, ...lines] });
const begin = (jobId: string, attempt: number, at: number): JournalLine => ({
  what: 'begin',
  jobId,
  attempt,
  at,
});
const [ack] = good.submits.flatMap(({ acks }) => acks);
if (!ack) throw new Error('the evidence has no answered submit');

const device: Device = {
  device_id: 'dev_1',
  agent_id: 'agt_1',
  name: 'one',
  target: 'emulator',
  owner: 'shared',
  status: 'busy',
  status_reason: null,
  installed: null,
  lease_id: 'lse_1',
  job_id: null,
  ...{ borrowed_by: null, borrowed_until: null, borrow_note: null, borrow_id: null },
};

const violations: [violation: string, change: Partial<Evidence>][] = [
  ['job job_passed was acknowledged and is gone', { jobs: good.jobs.slice(1) }],
  ['run run_1 was acknowledged and is gone', { runs: [] }],
  ['job job_passed was acknowledged and is still queued', withJob('job_passed', { status: 'queued' })],
  [
    'key key-1 made 2 runs: run_1 run_2',
    { runs: [...good.runs, ...good.runs.map((run) => ({ ...run, run_id: 'run_2' }))] },
  ],
  ['key key-1 had two answers', withSubmit({ acks: [ack, { ...ack, jobIds: [...ack.jobIds].reverse() }] })],
  ['run run_1 has not one job for each test', withSubmit({ tests: ['a', 'b', 'c', 'd', 'e'] })],
  [
    'the client that waited for run run_1 was answered passed',
    withSubmit({ waited: { status: 'passed', jobs: [] } }),
  ],
  [
    'the client that waited for job job_poison was answered passed',
    withSubmit({
      waited: { status: 'errored', jobs: good.jobs.map((job) => ({ ...job, status: 'passed' })) },
    }),
  ],
  [
    'job job_flaky has attempts "2", not "1 2"',
    withAttempts('job_flaky', (good.attempts.job_flaky ?? []).slice(1)),
  ],
  [
    'job job_passed has attempts "1 1", not "1"',
    withAttempts('job_passed', [...(good.attempts.job_passed ?? []), ...(good.attempts.job_passed ?? [])]),
  ],
  [
    'job job_passed attempt 1 has no verdict',
    withAttempt('job_passed', 1, { verdict: null, finished_at: null }),
  ],
  [
    'job job_passed attempt 1 ended before it started',
    withAttempt('job_passed', 1, { finished_at: '2025-12-31T23:59:59.000Z' }),
  ],
  ['job job_passed attempt 1 has a negative duration', withAttempt('job_passed', 1, { duration_ms: -1 })],
  [
    'job job_passed ended before it started',
    withJob('job_passed', { finished_at: '2025-12-31T23:59:59.000Z' }),
  ],
  [
    'job job_passed is passed (passed), but its last attempt said failed',
    withAttempt('job_passed', 1, { verdict: 'failed' }),
  ],
  [
    'job job_flaky is passed (passed), but its last attempt said passed',
    withJob('job_flaky', { outcome: 'passed' }),
  ],
  [
    'job job_poison is errored (timeout), but its last attempt said lost',
    withJob('job_poison', { outcome: 'timeout' }),
  ],
  [
    'job job_cancelled is cancelled (cancelled), but its last attempt said passed',
    withAttempt('job_cancelled', 1, { verdict: 'passed' }),
  ],
  ['job job_poison has crashes 2, its attempts say 3', withJob('job_poison', { crashes: 2 })],
  ['job job_flaky has test_failures 2, its attempts say 1', withJob('job_flaky', { test_failures: 2 })],
  [
    'job job_passed was final as failed, and changed to passed',
    seenLater('job_passed', { status: 'failed' }),
  ],
  [
    'job job_passed was final as passed, and changed to passed',
    seenLater('job_passed', { finished_at: '2026-01-01T00:00:12.000Z' }),
  ],
  ['job job_passed was final, and then queued again', seenLater('job_passed', { status: 'queued', rev: 12 })],
  [
    'job job_poison was cancelled while it ran, and is errored',
    { cancels: good.cancels.map((job) => ({ ...job, job_id: 'job_poison', attempt: 3 })) },
  ],
  [
    'job job_flaky ran again after it was cancelled',
    { cancels: good.cancels.map((job) => ({ ...job, job_id: 'job_flaky' })) },
  ],
  [
    'job job_passed was cancelled when it was cancelled, and is passed',
    { cancels: good.cancels.map((job) => ({ ...job, job_id: 'job_passed', status: 'cancelled' })) },
  ],
  ['run run_1 counts wrongly', withRun({ counts: { ...(good.runs[0] as Run).counts, passed: 3 } })],
  ['run run_1 is passed, its jobs say errored', withRun({ status: 'passed' })],
  [
    'the log of job job_passed attempt 1 cannot be read: gone',
    { logs: { ...good.logs, 'job_passed 1': { refused: 'gone' } } },
  ],
  ['the log of job job_passed attempt 1 was not read', { logs: {} }],
  [
    'the log of job job_passed attempt 1 has no header: half a log',
    { logs: { ...good.logs, 'job_passed 1': { text: 'half a log' } } },
  ],
  [
    'the log of job job_passed attempt 1 does not have the line "last words of job_passed 1" exactly once',
    {
      logs: {
        ...good.logs,
        'job_passed 1': { text: '[qgjob] tests/quick-0.sh, attempt 1, \nfirst words of job_passed 1\n' },
      },
    },
  ],
  ['job job_stranger ran, and the queue does not know it', andRan(begin('job_stranger', 1, 1))],
  ['job job_passed ran twice in one attempt', andRan(begin('job_passed', 1, 1))],
  ['job job_passed ran as attempt 2, which the queue does not have', andRan(begin('job_passed', 2, 1))],
  [
    'job job_passed attempt 1 has the verdict passed, its test ended as failed',
    {
      journal: good.journal.map((line) =>
        line.jobId === 'job_passed' && line.what === 'end' ? { ...line, code: 1 } : line,
      ),
    },
  ],
  [
    'job job_passed attempt 1 has the verdict passed, its test ended as nothing',
    { journal: good.journal.filter((line) => line.jobId !== 'job_passed' || line.what === 'begin') },
  ],
  [
    'job job_cancelled started attempt 1 after it was cancelled',
    { journal: good.journal.map((line) => (line.jobId === 'job_cancelled' ? { ...line, at: 6000 } : line)) },
  ],
  ['device one of agt_1 is still leased', { devices: [device] }],
  ['broken in the database: no lease lives on ({})', { brokenRules: ['no lease lives on ({})'] }],
  ['a child of a test is still alive: 77 sh a.sh', { leftovers: [{ pid: 77, command: 'sh a.sh' }] }],
  ['rack-1 got SIGTERM and ended with 3', { problems: ['rack-1 got SIGTERM and ended with 3'] }],
];

test('evidence without a broken promise is accepted', () => {
  expect(check(good)).toEqual([]);
});

test.each(violations)('a broken promise is found: %s', (violation, change) => {
  expect(check({ ...good, ...change })).toContain(violation);
});

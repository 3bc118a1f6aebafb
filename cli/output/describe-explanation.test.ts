import { expect, test } from 'vitest';
import type { ExplainedFailure, ExplainedRun } from '../../protocol/shapes/explain.ts';
import { makeCounts, plain } from '../test-support/answers.ts';
import { describeExplanation } from './describe-explanation.ts';

const ref = (n: number, commit: string | null) => ({
  ...{ run_id: `run_${n}`, commit, app_version_id: `v${n}`, submitted_at: '2026-01-01T10:00:00.000Z' },
});

const failure: ExplainedFailure = {
  ...{ job_id: 'job_1', test_path: 'pay.spec.ts', target: 'emulator', status: 'failed', outcome: 'failed' },
  ...{ test: 'pays', at: 'pay.spec.ts:12', tests_failed: 1, error: 'expected 3 to be 4', device: 'rack/d0' },
  ...{
    attempts: 2,
    known_failure: null,
    quarantined: false,
    since: ref(2, '2'.repeat(40)),
    passed_in: ref(1, null),
  },
  ...{ evidence: [], alike: 3 },
};

const told: ExplainedRun = {
  ...{ run_id: 'run_4', org_id: 'acme', url: 'http://127.0.0.1/', status: 'failed', conclusion: 'failure' },
  ...{ reason: null, app_version_id: 'v4', commit: '4'.repeat(40), submitted_at: '2026-01-01T10:00:00.000Z' },
  ...{ duration_ms: 65_000, counts: makeCounts({ passed: 2, failed: 5 }), installs: 1, installs_saved: 6 },
  ...{ failures: [failure], failures_left_out: 1, next: null },
};

test('a red run: what failed, where, since when, and what to do next', () => {
  expect(plain(describeExplanation(told))).toEqual([
    'run_4  failed',
    '  app       v4',
    '  commit    444444444444',
    '  jobs      2 passed, 5 failed',
    '  took      1 m 05 s',
    '',
    'failed  pay.spec.ts  emulator  on rack/d0, 2 attempts',
    '  pays (pay.spec.ts:12)',
    '    expected 3 to be 4',
    '  fails since run_2, commit 222222222222, 2026-01-01',
    '  passed in run_1, v1, 2026-01-01',
    '  3 other jobs ended with the same error',
    '  more: qgjob logs job_1',
    '',
    '… and 1 more: qgjob list --run=run_4',
    '',
    'again: qgjob retry run_4 --failed',
  ]);
});

test('a failure that the base branch has too says so; one that is new says that it is', () => {
  const known = { ...failure, known_failure: true, since: null, passed_in: null };
  expect(describeExplanation({ ...told, failures: [known] })).toContain(
    '  known: the base branch fails so too',
  );
  const fresh = { ...failure, since: null };
  expect(describeExplanation({ ...told, failures: [fresh] })).toContain('  fails for the first time');
});

test('a failure in quarantine says that it does not make the run red', () => {
  const lines = describeExplanation({ ...told, failures: [failure, { ...failure, quarantined: true }] });
  const words = '  in quarantine: it does not make the run red';
  expect(lines.filter((line) => line === words)).toHaveLength(1);
});

test('a job without a verdict says why', () => {
  const errored = { ...failure, status: 'errored', outcome: 'no_device', test: null, attempts: 0 } as const;
  const lines = describeExplanation({ ...told, failures: [{ ...errored, device: null, since: null }] });
  expect(lines).toContain('  no verdict: no device offers the target');
});

test('a run that goes on says what its next job waits for', () => {
  const blocked = {
    reason: 'no_device' as const,
    message: 'no device that is online offers device',
    until: null,
  };
  const next = { job_id: 'job_2', starts_in_ms: null, blocked_by: [blocked] };
  const open = { ...told, status: 'queued', conclusion: null, duration_ms: null } as const;
  expect(plain(describeExplanation({ ...open, failures: [], failures_left_out: 0, next })).slice(-3)).toEqual(
    ['next to start:', 'job_2  queued', '  no device that is online offers device'],
  );
});

import { expect, test } from 'vitest';
import { makeJob, makeRecord } from '../action/test-support/records.ts';
import type { Artifact } from '../protocol/shapes/artifact.ts';
import type { Job, TestCase } from '../protocol/shapes/job.ts';
import { concludeRun } from './conclude-run.ts';
import { renderSummary } from './render-summary.ts';

const site = 'https://qgjob.example.com';
const passed = (name: string): TestCase => ({ name, status: 'passed', duration_ms: 900 });
const failed = (name: string, message: string, more: Partial<TestCase> = {}): TestCase => ({
  ...{ name, message, status: 'failed', duration_ms: 2100, ...more },
});

/** A pull request with a new failure, one that its base branch has too, one without a verdict and a flaky one. */
const jobs = [
  makeJob('tests/checkout/cart.spec.ts', {
    ...{ job_id: 'job_cart', status: 'failed', attempt: 2, device_id: 'dev_8', duration_ms: 34_200 },
    ...{ known_failure: false, known_run_id: 'run_5d20' },
    error: '1 of 3 tests failed',
    tests: [
      failed(
        'a coupon lowers the total',
        'expect(received).toBe(expected)\n\nExpected: "€ 27.00"\nReceived: "€ 30.00"',
        {
          file: 'tests/checkout/cart.spec.ts',
          line: 48,
        },
      ),
      passed('an item is added'),
      passed('the last item empties the cart'),
    ],
  }),
  makeJob('tests/search.spec.ts', {
    ...{ job_id: 'job_search', status: 'failed', attempt: 2, device_id: 'dev_9', duration_ms: 21_000 },
    ...{ known_failure: true, known_run_id: 'run_5d20', error: '1 of 1 tests failed' },
    tests: [failed('an empty result says so', 'Timed out 5000ms waiting for getByText("No results")')],
  }),
  makeJob('tests/login/biometrics.spec.ts', {
    ...{ job_id: 'job_bio', status: 'errored', outcome: 'infra_error', attempt: 3, device_id: 'dev_8' },
    ...{ error: 'adb: device offline', duration_ms: null },
  }),
  makeJob('tests/login/password.spec.ts', {
    ...{ outcome: 'flaky', attempt: 2, duration_ms: 18_400 },
    tests: [
      { ...passed('a wrong password is refused'), status: 'flaky', message: 'net::ERR_CONNECTION_RESET' },
      passed('a right one signs in'),
    ],
  }),
  ...['onboarding', 'profile', 'settings', 'notifications', 'offline', 'payment', 'share', 'deep-links'].map(
    (name, index) =>
      makeJob(`tests/${name}.spec.ts`, {
        duration_ms: 9000 + index * 2300,
        tests: [passed('opens'), passed('keeps its state')],
      }),
  ),
];

/** Every job is of the run. */
const ofRun = (all: readonly Job[]) => all.map((job) => ({ ...job, run_id: 'run_7c1f' }));

const file = (job: string, kind: Artifact['kind'], name: string): Artifact => ({
  ...{
    artifact_id: `art_${name}`,
    job_id: job,
    attempt: 2,
    kind,
    name,
    content_type: 'x',
    size: 1,
    sha256: 'x',
  },
  url: `${site}/v1/artifacts/art_${name}`,
});

test('the summary of a real pull request, for people to read', async () => {
  const record = makeRecord(ofRun(jobs), {
    ...{ run_id: 'run_7c1f', app_version_id: '4f1a9c02be77', url: `${site}/v1/runs/run_7c1f` },
    ...{ status: 'failed', conclusion: 'failure', installs: 2, installs_saved: 13, install_ms: 42_000 },
    submitted_at: '2026-01-01T10:00:00.000Z',
    started_at: '2026-01-01T10:01:05.000Z',
    finished_at: '2026-01-01T10:03:41.000Z',
  });
  const evidence = {
    site,
    devices: new Map([
      ['dev_8', 'rack-1/pixel-8'],
      ['dev_9', 'rack-2/pixel-9'],
    ]),
    files: new Map([
      ['job_cart', [file('job_cart', 'trace', 'trace.zip'), file('job_cart', 'video', 'video.webm')]],
      ['job_search', [file('job_search', 'screenshot', 'failed.png')]],
    ]),
  };
  const summary = renderSummary({ record, failure: concludeRun(record), waited: true, evidence });
  await expect(summary).toMatchFileSnapshot('../docs/examples/job-summary.md');
});

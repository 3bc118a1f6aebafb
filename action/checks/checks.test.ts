import { expect, test } from 'vitest';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import {
  badGateway,
  type Fault,
  secondaryLimit,
  startFakeGithub,
} from '../../test/support/github/fake-github.ts';
import { makeJob, makeRecord } from '../test-support/records.ts';
import { type Ended, verdictOf } from './describe-check.ts';
import { endChecks, keyOf, openChecks } from './open-checks.ts';

const sha = '1'.repeat(40);
const repository = { prefix: '', has: () => true };
const never = new AbortController().signal;
const red = { status: 'failed', conclusion: 'failure' } as const;

async function openLab(rights = {}) {
  const github = await startFakeGithub();
  const { run } = makeRecord([]);
  const names = new Map([
    ['emulator', 'qgjob (emulator)'],
    ['device', 'qgjob (device)'],
  ]);
  const asked = { token: github.token(rights), repository: 'acme/app', baseUrl: github.url };
  const options = { ...asked, run, sha, names, stop: never };
  return { github, options, checks: () => openChecks(options) };
}

/** How a step ended whose run has these jobs. */
function endOf(jobs: readonly Job[], run: Partial<Run> = {}, failure?: string): Ended {
  const record = makeRecord(jobs, run);
  return { followed: { ending: 'final', record }, failure, failOnFlaky: false, repository };
}

const two = [makeJob('a'), makeJob('b', { target: 'device' })];
const half = [makeJob('a'), makeJob('b', { target: 'device', status: 'failed', error: 'expected 4' })];

test('each target has a check run at the commit, in progress and then with its own verdict', async () => {
  const { github, checks } = await openLab();
  const written = await checks().complete(endOf(half, red, '1 of 2 jobs failed'));
  expect(written).toEqual({ isDone: true, isAnnotated: true, why: undefined });
  expect(github.checks).toMatchObject([
    { name: 'qgjob (emulator)', head_sha: sha, status: 'completed', conclusion: 'success', annotations: [] },
    {
      ...{ name: 'qgjob (device)', head_sha: sha, status: 'completed', conclusion: 'failure' },
      details_url: 'https://qgjob.example.com/v1/runs/run_1',
      output: { title: '1 job: 1 failed' },
      annotations: [{ path: 'b', start_line: 1, message: 'expected 4' }],
    },
  ]);
  const statuses = github.calls.map(({ operation, body }) => [operation, (body as Run | undefined)?.status]);
  expect(statuses.slice(0, 2)).toEqual(Array(2).fill(['checks/create', 'in_progress']));
  expect(github.problems).toEqual([]);
});

test.each([
  [
    'a superseded run is neutral',
    endOf(two, { status: 'cancelled', conclusion: 'neutral' }, 'superseded'),
    'neutral',
  ],
  ['a cancelled run', endOf(two, { status: 'cancelled', conclusion: 'cancelled' }, 'cancelled'), 'cancelled'],
  [
    'a wait that was over',
    { ...endOf(two, {}, 'x'), followed: { ending: 'timed_out', record: makeRecord(two) } },
    'timed_out',
  ],
  [
    'a workflow that was cancelled',
    { ...endOf(two, {}, 'x'), followed: { ending: 'stopped', record: makeRecord(two) } },
    'cancelled',
  ],
  [
    'a server that was lost',
    { ...endOf(two, {}, 'x'), followed: { ending: 'lost', record: makeRecord(two) } },
    'failure',
  ],
  ['a run without jobs', endOf([], red, 'nothing was tested'), 'failure'],
  [
    'flaky tests that are not wanted',
    {
      ...endOf(
        two.map((job) => ({ ...job, outcome: 'flaky' as const })),
        red,
        'flaky',
      ),
      failOnFlaky: true,
    },
    'failure',
  ],
] as const)('%s', async (_, ended, conclusion) => {
  const { github, checks } = await openLab();
  await checks().complete(ended as Ended);
  expect(github.checks.map((check) => check.conclusion)).toEqual([conclusion, conclusion]);
});

const many = Array.from({ length: 120 }, (_, index) => ({
  ...{ name: `test ${index}`, file: 'a', line: index + 1, duration_ms: 1 },
  ...{ status: 'failed' as const, message: 'ü'.repeat(9000) },
}));

test('a target whose failures are all excused is red in a green run unless something passed on it', async () => {
  const excused = { status: 'failed', known_failure: true, target: 'device' } as const;
  const run = { reason: 'known_failures' } as const;
  const { github, checks } = await openLab();
  await checks().complete(endOf([makeJob('a'), makeJob('b', excused)], run));
  expect(github.checks.map((check) => check.conclusion)).toEqual(['success', 'failure']);
  expect(JSON.stringify(github.checks[1])).toContain('nothing passed on this target');
  const pass = makeJob('c', { target: 'device' });
  expect(verdictOf(endOf([makeJob('a'), makeJob('b', excused), pass], run), 'device').conclusion).toBe(
    'success',
  );
  const earlier = endOf([makeJob('b', excused)], { ...run, passed_before: 3 });
  expect(verdictOf(earlier, 'device').conclusion).toBe('success');
});

test('many failures are annotated 50 a call, and what is long is cut', async () => {
  const { github, checks } = await openLab();
  await checks().complete(endOf([makeJob('a', { status: 'failed', tests: many })], red, 'failed'));
  expect(github.checks[0]?.annotations.map((one) => one.start_line)).toEqual(many.map(({ line }) => line));
  expect(github.calls.filter(({ operation }) => operation === 'checks/update')).toHaveLength(4);
  expect(github.problems).toEqual([]);
});

const faults: readonly (readonly [string, Fault['answer'], boolean])[] = [
  ['a bad gateway', badGateway, false],
  ['a bad gateway after the call had its effect', badGateway, true],
  ['a reset', 'reset', false],
  ['a reset after the call had its effect', 'reset', true],
  ['a secondary limit', secondaryLimit(0), false],
];

test.each(faults)(
  '%s at any call makes no second check run and no second annotation',
  async (_, answer, done) => {
    for (let after = 0; after < 6; after += 1) {
      const { github, checks } = await openLab();
      github.inject({ answer, done, after });
      const written = await checks().complete(
        endOf(
          [makeJob('a', { status: 'failed', tests: many }), makeJob('b', { target: 'device' })],
          red,
          'x',
        ),
      );
      expect(written.isDone).toBe(true);
      expect(github.checks.map(({ name }) => name).sort()).toEqual(['qgjob (device)', 'qgjob (emulator)']);
      expect(github.checks.map(({ annotations }) => annotations.length).sort()).toEqual([0, 120]);
      expect(github.problems).toEqual([]);
    }
  },
);

const refusal = { status: 422, body: { message: 'Invalid request.' } };

test('a check run that GitHub refuses leaves no other behind, and gets its own verdict after the job', async () => {
  const { github, options, checks } = await openLab();
  github.inject({ on: 'checks/update', answer: refusal });
  const ended = endOf(half, red, '1 of 2 jobs failed');
  expect(await checks().complete(ended)).toMatchObject({
    ...{ isDone: false, isAnnotated: false },
    why: expect.stringContaining('no check run: GitHub answered 422'),
  });
  const states = () => github.checks.map(({ status, conclusion }) => conclusion ?? status);
  expect(states()).toEqual(['in_progress', 'failure']);
  const keys = [...options.names].map(([target, name]) => ({
    ...keyOf(options, target, name),
    verdict: verdictOf(ended, target),
  }));
  expect(await endChecks(options, keys)).toBeUndefined();
  expect(states()).toEqual(['success', 'failure']);
  expect(github.problems).toEqual([]);
});

test('annotations that GitHub refuses do not keep the verdict back', async () => {
  const { github, checks } = await openLab();
  github.inject({ on: 'checks/update', answer: refusal, after: 1 });
  expect(await checks().complete(endOf(half, red, '1 of 2 jobs failed'))).toMatchObject({
    ...{ isDone: true, isAnnotated: false },
    why: expect.stringContaining('no annotations in the check run: GitHub answered 422'),
  });
  expect(github.checks).toMatchObject([
    { conclusion: 'success' },
    { conclusion: 'failure', annotations: [] },
  ]);
});

test('a token that may not write checks is told in one line, with the line that grants it', async () => {
  const { github, checks } = await openLab({ checks: 'read' });
  expect(await checks().complete(endOf(two))).toEqual({
    ...{ isDone: false, isAnnotated: false },
    why: 'no check run: github-token may not write it; add to the permissions of the workflow: `checks: write`',
  });
  expect(github.checks).toEqual([]);
});

test('the check runs of a step that was killed are cancelled, and those that had ended stay as they are', async () => {
  const { github, options, checks } = await openLab();
  await checks().complete(endOf(two));
  const open = openChecks({ ...options, run: { ...options.run, run_id: 'run_2' } });
  expect(open).toBeDefined();
  await expect.poll(() => github.checks.length).toBe(4);
  const keys = ['run_1', 'run_2'].flatMap((id) =>
    [...options.names].map(([target, name]) =>
      keyOf({ run: { ...options.run, run_id: id }, sha }, target, name),
    ),
  );
  expect(await endChecks(options, keys)).toBeUndefined();
  expect(github.checks.map(({ conclusion }) => conclusion)).toEqual([
    ...['success', 'success'],
    ...['cancelled', 'cancelled'],
  ]);
});

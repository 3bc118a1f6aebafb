import { describe, expect, test } from 'vitest';
import type { AttemptResult } from '../../reports/attempt-result.ts';
import type { BatchRest } from '../batch.ts';
import { ToldFile } from './told-file.ts';
import { type RunEnd, ToldRun } from './told-run.ts';
import type { Told, ToldTest } from './told-shape.ts';

type Status = 'passed' | 'failed' | 'timedOut' | 'skipped' | 'interrupted';
const a = '/ws/tests/a.spec.ts';
const b = '/ws/tests/b.spec.ts';

const ran = (status: unknown, message = ''): ToldTest['results'][number] => ({
  status: String(status),
  duration: 5,
  errors: message ? [{ message }] : [],
});
/** A test with these runs; `changes` replace what Playwright would say. */
const odd = (status: string, results: ToldTest['results'], changes: Partial<ToldTest> = {}): ToldTest => ({
  id: `id of ${status}`,
  titles: [`${status} test`],
  file: a,
  line: 3,
  projectName: 'chromium',
  expectedStatus: status === 'skipped' ? 'skipped' : 'passed',
  status,
  results,
  attachments: [],
  ...changes,
});
const one = (status: string, results: Status[], changes: Partial<ToldTest> = {}): ToldTest =>
  odd(
    status,
    results.map((result) => ran(result)),
    changes,
  );

const passed = one('expected', ['passed']);
const failed = odd('unexpected', [ran('failed', 'no')]);
const skipped = one('skipped', ['skipped']);

const exits = {
  0: { exit: 'passed', how: 'it exited with 0', quoted: 'it exited with 0' },
  1: { exit: 'failed', how: 'it exited with 1', quoted: 'it exited with 1:\nlast words' },
  killed: { exit: 'broken', how: 'it was ended by SIGKILL', quoted: 'it was ended by SIGKILL' },
} satisfies Record<string, RunEnd>;

/** What is told of the tests of a file, from its first to its last. */
const fileOf = (file: string, tests: readonly ToldTest[]): Told[] => [
  ...tests.flatMap((one): Told[] => [
    { event: 'test-begin', file, at: 0 },
    {
      event: 'test-end',
      file,
      test: one,
      redo: ['unexpected'].includes(one.status) || one.expectedStatus === 'not run' ? [one.id] : [],
    },
  ]),
  { event: 'file-end', file },
];
const asTold = 0;
/** As many tests are announced as are told, unless `tests` says otherwise. */
const beginWith = (tests: number, ...files: string[]): Told => ({
  event: 'begin',
  files: files.map((file) => ({ file, tests })),
  missing: [],
});
const begin = (...files: string[]): Told => beginWith(asTold, ...files);
const error = (message: string, file?: string): Told => ({ event: 'error', message, file });
const end: Told = { event: 'end' };

/** Tells a run of `a` (and `b`), and answers what became of each, in the order in which it was known. */
function tell(told: readonly Told[], exit: RunEnd, paths: readonly string[] = [a]): Map<string, BatchRest> {
  const results = new Map<string, BatchRest>();
  const files = new Map(
    paths.map((path) => [path, new ToldFile(path.slice('/ws/'.length), undefined)] as const),
  );
  const run = new ToldRun('/ws', files, {
    runs: () => undefined,
    output: () => undefined,
    installed: () => undefined,
    ended: (testPath, result) => results.set(testPath, result),
  });
  const countOf = (file: string): number =>
    told.filter((one) => one.event === 'test-end' && one.file === file).length;
  for (const event of told) {
    if (event.event !== 'begin') run.take(event);
    else
      run.take({
        ...event,
        files: event.files.map(({ file, tests }) => ({ file, tests: tests || countOf(file) })),
      });
  }
  return new Map([...results, ...run.close(exit)]);
}

const words = (rest: BatchRest | undefined): string =>
  typeof rest === 'object' ? [rest.verdict, rest.error_class].filter(Boolean).join(' ') : (rest ?? 'nothing');

/** A run of `a` alone, that told of these tests and errors before it ended by itself. */
const runOf = (tests: readonly ToldTest[], errors: readonly string[] = []): Told[] => [
  begin(...(tests.length === 0 ? [] : [a])),
  ...(tests.length === 0 ? [] : fileOf(a, tests)),
  ...errors.map((message) => error(message)),
  end,
];

const cases: [what: string, exit: keyof typeof exits, told: Told[], verdict: string][] = [
  ['all passed', 0, runOf([passed]), 'passed'],
  ['passed and skipped', 0, runOf([passed, skipped]), 'passed'],
  ['one failed', 1, runOf([passed, failed]), 'failed'],
  ['one failed but the exit says 0', 0, runOf([failed]), 'failed'],
  ['one timed out', 1, runOf([one('unexpected', ['timedOut'])]), 'failed'],
  ['flaky', 0, runOf([one('flaky', ['failed', 'passed'])]), 'passed'],
  [
    'a failure that was expected',
    0,
    runOf([one('expected', ['failed'], { expectedStatus: 'failed' })]),
    'passed',
  ],
  ['a failure that nothing says was expected', 0, runOf([one('expected', ['failed'])]), 'error report_error'],
  ['all skipped', 0, runOf([skipped]), 'error report_error'],
  [
    'passed, and one left out that nothing explains',
    0,
    runOf([passed, one('skipped', ['skipped'], { expectedStatus: 'passed' })]),
    'error report_error',
  ],
  [
    'all passed that are told, but more were announced',
    0,
    [beginWith(2, a), ...fileOf(a, [passed]), end],
    'error report_error',
  ],
  ['no test', 1, runOf([], ['Error: No tests found']), 'error report_error'],
  ['a file that does not load', 1, [begin(), error('SyntaxError', a), end], 'error report_error'],
  ['nothing told', 1, [], 'error report_error'],
  ['nothing told though the exit says 0', 0, [], 'error report_error'],
  ['nothing told after a signal', 'killed', [], 'error infra_error'],
  ['a beginning alone', 0, [begin(a), end], 'error report_error'],
  ['all passed, but an error outside of the tests', 1, runOf([passed], ['teardown']), 'failed'],
  ['all passed, but an error outside and an exit of 0', 0, runOf([passed], ['teardown']), 'failed'],
  ['all passed, but an exit of 1', 1, runOf([passed]), 'failed'],
  ['all passed, but ended by a signal', 'killed', runOf([passed]), 'error infra_error'],
  ['one failed, and ended by a signal', 'killed', runOf([failed]), 'failed'],
  [
    'ended by a signal between two tests',
    'killed',
    [begin(a), ...fileOf(a, [passed]).slice(0, -1)],
    'error infra_error',
  ],
  ['ended by a signal after a failure', 'killed', [begin(a), ...fileOf(a, [failed]).slice(0, -1)], 'failed'],
  ['all passed, but of another file', 0, [begin(b), ...fileOf(b, [passed]), end], 'error report_error'],
  [
    'a set-up project that failed',
    1,
    [begin('/ws/setup.ts', a), ...fileOf('/ws/setup.ts', [failed]), end],
    'failed',
  ],
  [
    'a set-up project that passed before it',
    0,
    [begin('/ws/setup.ts', a), ...fileOf('/ws/setup.ts', [passed]), ...fileOf(a, [passed]), end],
    'passed',
  ],
  [
    'interrupted by somebody else',
    'killed',
    runOf([passed, one('skipped', ['interrupted'])]),
    'error infra_error',
  ],
  // Statuses that no version writes today are never green.
  ['an unknown status of a test', 0, runOf([passed, one('quarantined', ['passed'])]), 'error report_error'],
  ['no status of a test', 0, runOf([passed, one('', ['passed'])]), 'error report_error'],
  ['an unknown status of a run', 0, runOf([passed, odd('expected', [ran('crashed')])]), 'error report_error'],
  ['as expected without a run', 0, runOf([passed, one('expected', [])]), 'error report_error'],
  ['as expected, but it failed', 0, runOf([passed, one('expected', ['failed'])]), 'error report_error'],
  [
    'as expected, but it timed out',
    0,
    runOf([passed, one('expected', ['timedOut'], { expectedStatus: 'failed' })]),
    'error report_error',
  ],
  [
    'flaky, but its last run failed',
    0,
    runOf([passed, one('flaky', ['passed', 'failed'])]),
    'error report_error',
  ],
  ['skipped, but a run of it failed', 0, runOf([passed, one('skipped', ['failed'])]), 'error report_error'],
  ['unknown beside a failure', 0, runOf([failed, one('quarantined', [])]), 'failed'],
];

test.each(cases)('%s', (_what, exit, told, verdict) => {
  expect(words(tell(told, exits[exit]).get('tests/a.spec.ts'))).toBe(verdict);
});

const resultOf = (told: readonly Told[]): AttemptResult =>
  tell(told, exits[1]).get('tests/a.spec.ts') as AttemptResult;

test.each([
  ['an expected failure that passed', 'unexpected', 'failed', ['passed'], 'expected to fail, but passed'],
  [
    'a time-out without words',
    'unexpected',
    'passed',
    ['timedOut'],
    'it ended as timedOut, expected was passed',
  ],
  ['a failure without words', 'unexpected', '', ['failed'], 'it ended as failed'],
] as const)('%s has a message', (_what, status, expectedStatus, results, message) => {
  const told = runOf([one(status, [...results], { expectedStatus })]);
  expect(resultOf(told).tests?.[0]).toMatchObject({ status: 'failed', message });
});

test('a test is named with its describe blocks and its project, by its path in the root', () => {
  const tests = ['chromium', ''].map((projectName) =>
    one('expected', ['passed'], { id: `1-${projectName}`, titles: ['cart', 'pays'], projectName }),
  );
  const rest = { file: 'tests/a.spec.ts', line: 3, status: 'passed', duration_ms: 5 };
  expect(tell(runOf(tests), exits[0]).get('tests/a.spec.ts')).toEqual({
    verdict: 'passed',
    tests: [
      { id: '1-chromium', name: '[chromium] cart › pays', ...rest },
      { id: '1-', name: 'cart › pays', ...rest },
    ],
  });
});

describe('of two files', () => {
  const both = [a, b];
  const [pathA, pathB] = ['tests/a.spec.ts', 'tests/b.spec.ts'];
  const tellBoth = (told: readonly Told[], exit: RunEnd): string[] => {
    const results = tell(told, exit, both);
    return [words(results.get(pathA)), words(results.get(pathB))];
  };

  test('each has its own verdict; the failure of one explains the exit', () => {
    const told = [begin(a, b), ...fileOf(a, [failed]), ...fileOf(b, [passed]), end];
    expect(tellBoth(told, exits[1])).toEqual(['failed', 'passed']);
  });

  test('an exit that nothing explains fails the last one', () => {
    const told = [begin(a, b), ...fileOf(a, [passed]), ...fileOf(b, [passed]), end];
    expect(tellBoth(told, exits[1])).toEqual(['passed', 'failed']);
  });

  test('an error that comes after the end of the first fails the next that ends', () => {
    const told = [
      begin(a, b),
      ...fileOf(a, [passed]),
      error('worker teardown', a),
      ...fileOf(b, [passed]),
      end,
    ];
    expect(tellBoth(told, exits[1])).toEqual(['passed', 'failed']);
  });

  test('one that does not load is told, the other runs again', () => {
    const told = [begin(), error('SyntaxError', a), end];
    expect(tellBoth(told, exits[1])).toEqual(['error report_error', 'again']);
  });

  test('an error that names nobody, or no word at all, makes each run alone', () => {
    expect(tellBoth([begin(), error('no server'), end], exits[1])).toEqual(['alone', 'alone']);
    expect(tellBoth([], exits[1])).toEqual(['alone', 'alone']);
  });

  test('one that another hides runs alone', () => {
    expect(tellBoth([begin(a), ...fileOf(a, [passed]), end], exits[0])).toEqual(['passed', 'alone']);
  });

  test('one that had not begun when the process died runs again', () => {
    const told = [begin(a, b), ...fileOf(a, [passed]).slice(0, -1)];
    expect(tellBoth(told, exits.killed)).toEqual(['error infra_error', 'again']);
  });

  test('where the process died before any test began, each runs alone, and no try is made for ever', () => {
    expect(tellBoth([begin(a, b)], exits.killed)).toEqual(['alone', 'alone']);
    expect(tellBoth([begin(a, b), end], exits[0])).toEqual(['alone', 'alone']);
  });

  test('one that the agent kept from beginning runs again', () => {
    const told = [begin(a, b), ...fileOf(a, [passed]), end];
    expect(tellBoth(told, { ...exits[0], isStopped: true })).toEqual(['passed', 'again']);
  });

  test('a failed test of another file that comes after them fails the last one', () => {
    const teardown = fileOf('/ws/clean.teardown.ts', [failed]);
    const told = [begin(a, b), ...fileOf(a, [passed]), ...fileOf(b, [passed]), ...teardown, end];
    expect(tellBoth(told, exits[1])).toEqual(['passed', 'failed']);
  });

  test('a failed test of another file that kept one from running fails that one alone', () => {
    const setUp = fileOf('/ws/auth.setup.ts', [failed]);
    const told = [begin(a, b), ...setUp, ...fileOf(a, [passed]), end];
    expect(tellBoth(told, exits[1])).toEqual(['passed', 'failed']);
  });

  test('a failed set-up of one of two projects fails each file of it, also one that has run in the other project', () => {
    const setUp = fileOf('/ws/auth.setup.ts', [failed]);
    const halfOf = (file: string): Told[] => fileOf(file, [passed]).slice(0, -1);
    const told = [beginWith(2, a, b), ...setUp, ...halfOf(a), ...halfOf(b), end];
    expect(tellBoth(told, exits[1])).toEqual(['failed', 'failed']);
  });

  test('a project that was not run since a test of another file failed is no pass of a file, and no fault of the device', () => {
    const told = [begin(a), ...fileOf(a, [failed]), ...fileOf(b, [passed]).slice(0, -1), end];
    const both = told.map((one) => (one.event === 'begin' ? beginWith(2, a, b) : one));
    expect(tellBoth(both, exits[1])).toEqual(['failed', 'error report_error']);
  });

  test('where the process dies in a second project, the file that ran is to blame, and the others run again', () => {
    const halfOf = (file: string): Told[] => fileOf(file, [passed]).slice(0, -1);
    const second: Told = { event: 'test-begin', file: a, at: 0 };
    const told = [beginWith(2, a, b), ...halfOf(a), ...halfOf(b), second];
    expect(tellBoth(told, exits.killed)).toEqual(['error infra_error', 'error interrupted']);
  });

  test('where it dies and no file that was asked for ran, none runs again for ever', () => {
    const halfOf = (file: string): Told[] => fileOf(file, [passed]).slice(0, -1);
    const setUp: Told = { event: 'test-begin', file: '/ws/second.setup.ts', at: 0 };
    const told = [beginWith(2, a, b), ...halfOf(a), ...halfOf(b), setUp];
    expect(tellBoth(told, exits.killed)).toEqual(['error infra_error', 'error infra_error']);
  });

  test('a retry for which a test is missing runs as a whole', () => {
    const told: Told[] = [
      { event: 'begin', files: both.map((file) => ({ file, tests: 1 })), missing: [b] },
      ...fileOf(a, [passed]),
      end,
    ];
    expect(tellBoth(told, exits[0])).toEqual(['passed', 'whole']);
  });
});

test('the end of a file that was ended takes nothing from another one that runs', () => {
  const runs: (string | undefined)[] = [];
  const files = [a, b].map((path) => [path, new ToldFile(path.slice('/ws/'.length), undefined)] as const);
  const run = new ToldRun('/ws', new Map(files), {
    runs: (testPath) => runs.push(testPath),
    output: () => undefined,
    installed: () => undefined,
    ended: () => undefined,
  });
  run.take(beginWith(2, a, b));
  for (const told of fileOf(a, [passed]).slice(0, -1)) run.take(told);
  run.take({ event: 'test-begin', file: b, at: 0 });
  run.take({ event: 'file-end', file: a });
  expect(runs).toEqual(['tests/a.spec.ts', 'tests/b.spec.ts']);
});

describe('the failed tests are all that went wrong', () => {
  const leftOut = one('skipped', ['skipped'], { expectedStatus: 'passed' });
  const foreign: Told[] = [
    { event: 'test-end', file: '/ws/global.teardown.ts', test: failed, redo: [failed.id] },
  ];
  const isComplete = (told: readonly Told[], exit: RunEnd = exits[1]): unknown =>
    (tell(told, exit).get('tests/a.spec.ts') as AttemptResult).isComplete;

  test('where all others passed, or were not to run', () => {
    expect(isComplete(runOf([passed, failed, skipped]))).toBe(true);
  });

  test.each<[what: string, told: Told[], exit?: RunEnd]>([
    ['tests were left out for it', runOf([failed, leftOut])],
    ['fewer are told than were announced', [beginWith(3, a), ...fileOf(a, [failed]), end]],
    ['a test was interrupted', runOf([failed, one('unexpected', ['interrupted'])])],
    ['something failed outside of tests', runOf([failed], ['teardown'])],
    ['a test of another file failed', [begin(a), ...fileOf(a, [failed]), ...foreign, end]],
    ['the process died after the file', [begin(a), ...fileOf(a, [failed])], exits.killed],
    ['the process died in the file', [begin(a), ...fileOf(a, [failed]).slice(0, -1)], exits.killed],
    ['the run ended in the file', [begin(a), ...fileOf(a, [failed]).slice(0, -1)]],
  ])('but not where %s', (_what, told, exit) => {
    expect(isComplete(told, exit)).toBeUndefined();
  });
});

describe('what a retry has to run', () => {
  const onlyOf = (told: readonly Told[]): unknown => resultOf(told).only;

  test('is what failed, once each', () => {
    expect(onlyOf(runOf([passed, failed, failed]))).toEqual(['id of unexpected']);
  });

  test('is the whole file after an error outside of its tests, and after a broken end', () => {
    expect(onlyOf(runOf([failed], ['teardown']))).toBeUndefined();
    const cut = [begin(a), ...fileOf(a, [failed]).slice(0, -1)];
    expect((tell(cut, exits.killed).get('tests/a.spec.ts') as AttemptResult).only).toBeUndefined();
  });

  test('is not told by a pass', () => {
    expect(onlyOf([begin(a), ...fileOf(a, [passed]), end])).toBeUndefined();
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FinishJob, LeasedJob } from '../../../protocol/shapes/agent.ts';
import { untilFile } from '../../test-support/host.ts';
import { leasedJob, leaseOf } from '../../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../../test-support/start-agent.ts';

// No browser is needed here: the tests are about how several files are run by one process.
const head = `import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
const note = (what) => appendFileSync('noted', what + '\\n');
`;
const config = { 'playwright.config.ts': `export default { testDir: 'tests', timeout: 60_000 };` };
const ever = 'await new Promise((resolve) => setTimeout(resolve, 600_000));';
/** A file with one test that notes the process that runs it. */
const file = (name: string, body = ''): string =>
  `${head}test('${name}', async () => { note('${name} ' + process.ppid); console.log('mark-${name}'); ${body} });`;

interface Started extends TestAgent {
  /** The lines that the tests noted. */
  noted(): string[];
  finish(name: string): Promise<FinishJob>;
  log(name: string): string;
}

type Options = NonNullable<Parameters<typeof startTestAgent>[0]> & { extraFiles?: Record<string, string> };

/** An agent with one device that is granted one lease of these files, each in `tests/<name>.spec.ts`. */
async function run(
  files: Readonly<Record<string, string>>,
  more: Partial<Record<string, Partial<LeasedJob>>> = {},
  { extraFiles, ...options }: Options = {},
): Promise<Started> {
  const paths = Object.keys(files).map((name) => [name, `tests/${name}.spec.ts`] as const);
  const sources = Object.fromEntries(paths.map(([name, path]) => [path, files[name] ?? '']));
  const started = await startTestAgent({
    files: { ...config, ...sources, ...extraFiles },
    frameworks: { default: 'playwright' },
    ...options,
  });
  const jobs = paths.map(([name, path]) => leasedJob(path, more[name]));
  started.server.grant(leaseOf(jobs, { framework: 'playwright' }));
  const idOf = (name: string): string => `job_tests_${name}_spec_ts`;
  return {
    ...started,
    noted: () => readFileSync(join(started.root, 'noted'), 'utf8').trimEnd().split('\n'),
    finish: (name) => started.server.verdict(idOf(name)),
    log: (name) => started.server.logOf(idOf(name)),
  };
}

const processes = (noted: readonly string[]): number =>
  new Set(noted.map((line) => line.split(' ').at(-1))).size;

test('the files of a lease are run by one process; each has its own start, log and verdict', async () => {
  const started = await run({ a: file('a'), b: file('b', 'expect(1).toBe(2);'), c: file('c') });
  expect(await started.finish('b')).toMatchObject({
    verdict: 'failed',
    error: expect.stringContaining('1 of 1 test failed: b: Error: expect(received).toBe(expected)'),
    only: [expect.any(String)],
  });
  expect(await started.finish('c')).toMatchObject({ verdict: 'passed', tests: [{ name: 'c' }] });
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed', tests: [{ name: 'a' }] });
  expect(processes(started.noted())).toBe(1);
  for (const name of ['a', 'b', 'c']) {
    expect(started.log(name).match(/^mark-\w$/gm)).toEqual([`mark-${name}`]);
    expect(started.server.callsOf('startJob').map(({ params }) => params.job_id)).toContain(
      `job_tests_${name}_spec_ts`,
    );
  }
  expect(started.log('b')).toMatch(/Expected: .*2/);
});

test('a verdict is told while the next file runs', async () => {
  const started = await run({
    a: file('a'),
    b: file('b', `while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));`),
  });
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
  expect(started.server.verdictOf('job_tests_b_spec_ts')).toBeUndefined();
  await untilFile(join(started.root, 'noted'));
  writeFileSync(join(started.root, 'go'), '');
  expect(await started.finish('b')).toMatchObject({ verdict: 'passed' });
});

describe('one that does not end well takes no other with it:', () => {
  test('one overruns, one is cancelled while it runs, one kills its process', async () => {
    const started = await run(
      {
        a: file('a'),
        b: file('b', ever),
        c: file('c', `writeFileSync('cancel-me', ''); ${ever}`),
        d: file('d'),
        e: file('e', `process.kill(process.ppid, 'SIGKILL'); ${ever}`),
        f: file('f'),
        g: file('g'),
      },
      { b: { timeout_ms: 300 } },
    );
    await untilFile(join(started.root, 'cancel-me'));
    started.server.giveNews({ cancel: 'job_tests_c_spec_ts' });
    expect(await started.finish('g')).toMatchObject({ verdict: 'passed' });
    expect(await started.finish('b')).toMatchObject({
      verdict: 'error',
      error_class: 'timeout',
      error: 'ran longer than 300 ms',
    });
    expect(await started.finish('c')).toMatchObject({ verdict: 'cancelled' });
    expect(await started.finish('e')).toMatchObject({ verdict: 'error', error_class: 'infra_error' });
    for (const name of ['a', 'd', 'f'])
      expect(await started.finish(name)).toMatchObject({ verdict: 'passed' });
    // Nothing ran twice.
    expect(started.noted().map((line) => line[0])).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(started.server.callsOf('finishJob')).toHaveLength(7);
  });

  test('one hangs without a pause: its worker is killed', async () => {
    const started = await run(
      { a: file('a', 'for (;;) ;'), b: file('b') },
      { a: { timeout_ms: 200 } },
      { timing: { ladder: { ownMs: 200, termMs: 10_000, lingerMs: 200 } } },
    );
    expect(await started.finish('a')).toMatchObject({ error_class: 'timeout' });
    expect(await started.finish('b')).toMatchObject({ verdict: 'passed' });
    expect(processes(started.noted())).toBe(1);
  });

  test('of several projects: one is cancelled in the first project, and the process goes on with the others', async () => {
    const started = await run(
      { a: file('a'), b: file('b', `writeFileSync('cancel-me', ''); ${ever}`), c: file('c') },
      {},
      {
        extraFiles: {
          'playwright.config.ts': `export default { testDir: 'tests', timeout: 60_000, projects: [{ name: 'one' }, { name: 'two' }] };`,
        },
        timing: { ladder: { ownMs: 500, termMs: 500, lingerMs: 200 } },
      },
    );
    await untilFile(join(started.root, 'cancel-me'));
    started.server.giveNews({ cancel: 'job_tests_b_spec_ts' });
    expect(await started.finish('b')).toMatchObject({ verdict: 'cancelled' });
    for (const name of ['a', 'c']) {
      const { verdict, tests } = await started.finish(name);
      expect([verdict, tests?.length]).toEqual(['passed', 2]);
    }
    expect(started.noted().map((line) => line[0])).toEqual(['a', 'b', 'c', 'a', 'c']);
    expect(processes(started.noted())).toBe(1);
    expect(started.server.callsOf('finishJob')).toHaveLength(3);
  });

  test('one does not load', async () => {
    const started = await run({ a: file('a'), b: `${head} test('b', () => {`, c: file('c') });
    expect(await started.finish('b')).toMatchObject({
      error_class: 'report_error',
      error: expect.stringMatching(/no test ran: .*SyntaxError/s),
    });
    expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
    expect(await started.finish('c')).toMatchObject({ verdict: 'passed' });
  });

  test('one ends the whole process while it loads', async () => {
    const started = await run({ a: file('a'), b: `${head} process.exit(0);` });
    expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
    expect(await started.finish('b')).toMatchObject({ error_class: 'report_error' });
  });

  test('one hides the others by an `only`, one has no test', async () => {
    const started = await run({
      a: file('a'),
      // In the suite under test: that such a file hides others must not lose their jobs.
      b: file('b').replace("test('b'", "test.only('b'"),
      c: head,
    });
    expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
    expect(await started.finish('b')).toMatchObject({ verdict: 'passed' });
    expect(await started.finish('c')).toMatchObject({
      error_class: 'report_error',
      error: expect.stringContaining('no test ran'),
    });
  });
});

test('what fails outside of the tests after the last one is no pass', async () => {
  const fixture = `${head}const own = test.extend({ far: [async ({}, use) => { await use(1); throw new Error('no way down'); }, { scope: 'worker' }] });
    own('b', async ({ far }) => note('b ' + far));`;
  const started = await run({ a: file('a'), b: fixture });
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
  expect(await started.finish('b')).toMatchObject({
    verdict: 'failed',
    error: expect.stringContaining('no way down'),
  });
});

test('a failing test of a teardown project is no pass of the last file', async () => {
  const started = await run(
    { a: file('a'), b: file('b') },
    {},
    {
      extraFiles: {
        'playwright.config.ts': `export default { testDir: '.', timeout: 60_000, projects: [
        { name: 'setup', testMatch: 'up.ts', teardown: 'clean' },
        { name: 'clean', testMatch: 'clean.ts' },
        { name: 'e2e', testDir: 'tests', dependencies: ['setup'] },
      ] };`,
        'up.ts': `import { test } from '@playwright/test'; test('up', () => undefined);`,
        'clean.ts': `import { test } from '@playwright/test'; test('clean', () => { throw new Error('still there'); });`,
      },
    },
  );
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
  expect(await started.finish('b')).toMatchObject({
    verdict: 'failed',
    error: expect.stringContaining('still there'),
  });
});

test('one file of two runs in a lease has a verdict for each, and runs twice', async () => {
  const started = await startTestAgent({
    files: { ...config, 'tests/a.spec.ts': file('a') },
    frameworks: { default: 'playwright' },
  });
  const jobs = ['1', '2'].map((n) =>
    leasedJob('tests/a.spec.ts', { job_id: `job_${n}`, run_id: `run_${n}` }),
  );
  started.server.grant(leaseOf(jobs, { framework: 'playwright' }));
  for (const { job_id } of jobs)
    expect(await started.server.verdict(job_id)).toMatchObject({ verdict: 'passed' });
  expect(readFileSync(join(started.root, 'noted'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
});

test('a drain lets the running file end and gives back the others', async () => {
  const started = await run({
    a: file(
      'a',
      `const orders = process.env.QGJOB_ARTIFACTS + '/../orders';
      while (!existsSync(orders)) await new Promise((resolve) => setTimeout(resolve, 20));
      // In the suite under test, a test that takes a while: the reporter, which looks every 50 ms, reads its orders before
      // Playwright tells it of the end of this test.
      await new Promise((resolve) => setTimeout(resolve, 1000));`,
    ),
    b: file('b'),
  });
  await untilFile(join(started.root, 'noted'));
  const ended = started.stop();
  await ended;
  expect(await started.finish('a')).toMatchObject({ verdict: 'passed' });
  expect(started.server.verdictOf('job_tests_b_spec_ts')).toBeUndefined();
  expect(started.server.story.filter((name) => name !== 'uploadArtifact').at(-1)).toBe('releaseLease');
});

test('a job that was cancelled before its start is not run, or its tests end at once', async () => {
  const started = await run(
    { a: file('a', ever), b: file('b') },
    {},
    { prepare: (fake) => fake.refuse('startJob', 'job_cancelled') },
  );
  expect(await started.finish('b')).toMatchObject({ verdict: 'passed' });
  expect(started.server.verdictOf('job_tests_a_spec_ts')).toBeUndefined();
});

test.each([
  [
    'before its first test',
    `globalSetup: './hang.ts'`,
    { error_class: 'timeout' },
    'no test of it began in time',
  ],
  [
    'after its last test',
    `globalTeardown: './hang.ts'`,
    { error_class: 'infra_error' },
    'no failing test, but',
  ],
])('a process that hangs %s is stopped', async (_when, setting, end, words) => {
  const { finish } = await run(
    { a: file('a') },
    { a: { timeout_ms: 10_000 } },
    {
      // The process must have begun its test within this time where it has one.
      timing: { loadMs: 10_000, ladder: { ownMs: 500, termMs: 500, lingerMs: 200 } },
      extraFiles: {
        'playwright.config.ts': `export default { testDir: 'tests', ${setting} };`,
        'hang.ts': 'export default () => new Promise((resolve) => setTimeout(resolve, 600_000));',
      },
    },
  );
  expect(await finish('a')).toMatchObject({ ...end, error: expect.stringContaining(words) });
});

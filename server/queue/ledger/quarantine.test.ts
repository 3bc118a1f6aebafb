import * as fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { countTests } from '../../../protocol/count-tests.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';
import type { Quarantine } from '../../../protocol/shapes/quarantine.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { queueDue } from '../dispatch/tick.ts';
import { readRun } from '../runs/read-run.ts';
import { addQuarantine, listQuarantines, listTests, removeQuarantine, writeLedger } from './index.ts';

type Report = Partial<FinishJob>;
type Body = Parameters<TestQueue['submit']>[0];

const hour = 3_600_000;
const case_ = (name: string, status: TestCase['status']): TestCase => ({ name, status, duration_ms: 1 });
const told = (tests: TestCase[], complete = true): Report => ({
  verdict: tests.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
  tests,
  report: { total: tests.length, ...countTests(tests), listed: tests.length, ...(complete && { complete }) },
});
const fails = (...names: string[]): Report =>
  told([...names.map((name) => case_(name, 'failed')), case_('fine', 'passed')]);
const passes = told([case_('fine', 'passed'), case_('one', 'passed'), case_('two', 'passed')]);
const bare = (verdict: 'passed' | 'failed'): Report => ({ verdict });
const errors: Report = { verdict: 'error', error_class: 'rejected' };

/** Ends each file of a run as it is told to. `before` is called before the last verdict. */
async function play(
  queue: TestQueue,
  files: Record<string, Report>,
  body: Body = {},
  before: () => unknown = () => 0,
) {
  const agent = await queue.agent('rack', ['emulator']);
  const settings = { retry_failed_tests: 0, max_retries: 0 } as const;
  const { run } = await queue.submit({ tests: Object.keys(files), ...settings, ...body });
  let left = Object.keys(files).length;
  for (let lease = await agent.take(); lease; lease = await agent.take())
    for (const job of lease.jobs) {
      const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: 1 };
      left -= 1;
      if (left === 0) await before();
      await finishAttempt(queue.deps, everyone, ref, {
        ...({ attempt: 1, duration_ms: 1, verdict: 'failed', ...files[job.test_path] } as FinishJob),
      }).catch(() => undefined);
    }
  const after = await readRun(queue.deps, run.run_id, 0, anyOrg);
  return { ...after, byPath: Object.fromEntries(after.jobs.map((job) => [job.test_path, job])) };
}

/** A queue whose ledger knows `a` and `b` with their cases, and `flow` without. */
async function openLab() {
  const queue = await openTestQueue();
  await play(queue, { a: passes, b: passes, flow: bare('passed') });
  while (await writeLedger(queue.deps));
  const { tests } = await listTests(queue.deps, { limit: 500 }, anyOrg);
  const files = await listTests(queue.deps, { kind: 'file' }, anyOrg);
  const idOf = (path: string, title: string | null = null): string =>
    [...tests, ...files.tests].find((one) => one.test_path === path && one.title === title)?.test_id ?? '';
  const put = (
    path: string,
    title: string | null,
    more: Partial<{ lanes: Quarantine['lanes']; ms: number }> = {},
  ) =>
    addQuarantine(
      queue.deps,
      {
        ...{ test_id: idOf(path, title), owner: '@ann', reason: 'slow backend', lanes: more.lanes },
        ends_at: new Date(queue.deps.now() + (more.ms ?? hour)).toISOString(),
      },
      anyOrg,
      'token-1',
    );
  return { queue, put, idOf };
}

const green = { status: 'passed', conclusion: 'success', reason: 'quarantined' };
const red = { status: 'failed', conclusion: 'failure', reason: null };

/** More cases than a report lists, as a large file has. */
const unlisted: Report = {
  verdict: 'passed',
  tests: [case_('fine', 'passed')],
  report: { total: 6000, passed: 6000, failed: 0, skipped: 0, flaky: 0, listed: 1, complete: true },
};

test.each<[what: string, before: Report, body: Body]>([
  ['a run whose report did not list all cases', unlisted, {}],
  ['a run whose names were all cut', told([case_(`${'x'.repeat(250)}…`, 'passed')]), {}],
  ['a hunt', passes, { hunt_times: 1 }],
])(
  'a file that has had a report in %s, and fails without one, is excused by nothing',
  async (_what, report, body) => {
    const { queue, put } = await openLab();
    await play(queue, { flow: report }, body);
    while (await writeLedger(queue.deps));
    await put('flow', null);
    expect(await play(queue, { flow: bare('failed'), b: passes })).toMatchObject(red);
  },
);

test('a job whose first attempt had a report, and whose last one has none, is excused by nothing', async () => {
  const { queue, put } = await openLab();
  await put('flow', null);
  const agent = await queue.agent('rack', ['emulator']);
  const { run } = await queue.submit({ tests: ['flow', 'b'], retry_failed_tests: 1, max_retries: 0 });
  const reports = { flow: [fails('one'), bare('failed')], b: [passes] };
  for (let lease = await agent.take(); lease; lease = await agent.take()) {
    for (const { job_id: jobId, next_attempt: attempt, test_path: path } of lease.jobs)
      await finishAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId, attempt }, {
        ...{ attempt, duration_ms: 1 },
        ...reports[path as 'flow' | 'b'][attempt - 1],
      } as FinishJob);
    queue.advance(hour / 2);
    await queueDue(queue.deps);
  }
  expect(await readRun(queue.deps, run.run_id, 0, anyOrg)).toMatchObject(red);
});

test('a quarantined case runs, fails and is shown, and does not fail the run', async () => {
  const { queue, put } = await openLab();
  const made = await put('a', 'one');
  const run = await play(queue, { a: fails('one'), b: passes });
  expect(run).toMatchObject({ ...green, counts: { failed: 1, passed: 1 } });
  expect(run.byPath.a).toMatchObject({
    ...{ status: 'failed', outcome: 'failed' },
    quarantined_by: [{ quarantine_id: made.quarantine_id, owner: '@ann', ends_at: made.ends_at }],
  });
  expect(run.byPath.b?.quarantined_by).toBeNull();
});

test.each<
  [what: string, quarantined: [string, string | null][], files: Record<string, Report>, expected: object]
>([
  ['another case of the file fails too', [['a', 'one']], { a: fails('one', 'two'), b: passes }, red],
  ['a case that is new fails too', [['a', 'one']], { a: fails('one', 'new'), b: passes }, red],
  ['another file fails', [['a', 'one']], { a: fails('one'), b: fails('one') }, red],
  [
    'both failed cases are in quarantine',
    [
      ['a', 'one'],
      ['a', 'two'],
    ],
    { a: fails('one', 'two'), b: passes },
    green,
  ],
  ['the whole file is in quarantine', [['a', null]], { a: fails('one', 'new'), b: passes }, green],
  ['nothing passed', [['a', 'one']], { a: fails('one') }, red],
  ['something else has no verdict', [['a', 'one']], { a: fails('one'), b: errors }, red],
  [
    'the file itself has no verdict',
    [['a', null]],
    { a: errors, b: passes },
    { status: 'errored', conclusion: 'failure' },
  ],
  [
    'no test ran in it',
    [['a', null]],
    { a: { verdict: 'passed', tests: [] }, b: passes },
    { status: 'errored', conclusion: 'failure' },
  ],
  [
    'more went wrong than the failed cases',
    [
      ['a', 'one'],
      ['a', null],
    ],
    { a: told([case_('one', 'failed')], false), b: passes },
    red,
  ],
  [
    'a file without a report fails, and one of its cases is in quarantine',
    [['a', 'one']],
    { a: bare('failed'), b: passes },
    red,
  ],
  [
    'a file in quarantine that has had reports fails without one, as it does when it cannot be loaded',
    [['a', null]],
    { a: bare('failed'), b: passes },
    red,
  ],
  [
    'a file without a report fails, and is in quarantine',
    [['flow', null]],
    { flow: bare('failed'), b: passes },
    green,
  ],
  [
    'not all that failed is listed',
    [['a', 'one']],
    {
      a: {
        ...fails('one'),
        report: { total: 3, passed: 1, failed: 2, skipped: 0, flaky: 0, listed: 2, complete: true },
      },
      b: passes,
    },
    red,
  ],
])('a run in which %s', async (_, quarantined, files, expected) => {
  const { queue, put } = await openLab();
  for (const [path, title] of quarantined) await put(path, title);
  expect(await play(queue, files)).toMatchObject(expected);
});

const github = (event_name: string) => ({
  ...{ repository: 'o/r', repository_id: '7', sha: 'a'.repeat(40), ref: 'refs/heads/x', event_name },
  ...{ workflow: 'w', job: 'j', check_name: 'c', run_id: '1', run_attempt: 1 },
});

test.each([
  ['merge_queue', 'merge_group', true],
  ['merge_queue', 'pull_request', false],
  ['pull_request', 'pull_request', true],
  ['pull_request', 'push', true],
  ['pull_request', 'merge_group', false],
] as const)('a quarantine of the lane %s for a run of %s: %s', async (lane, event, holds) => {
  const queue = await openTestQueue();
  const body = { github: github(event) };
  await play(queue, { a: passes }, body);
  await writeLedger(queue.deps);
  const [first] = (await listTests(queue.deps, { q: 'one' }, anyOrg)).tests;
  const ends_at = new Date(queue.deps.now() + hour).toISOString();
  const wanted = { test_id: first?.test_id ?? '', owner: 'ann', reason: 'r', ends_at, lanes: [lane] };
  await addQuarantine(queue.deps, wanted, anyOrg, 't');
  const again = { github: { ...github(event), run_id: '2' } };
  expect(await play(queue, { a: fails('one'), b: passes }, again)).toMatchObject(holds ? green : red);
});

test('a run without GitHub is in the lane of pull requests', async () => {
  const { queue, put } = await openLab();
  await put('a', 'one', { lanes: ['merge_queue'] });
  expect(await play(queue, { a: fails('one'), b: passes })).toMatchObject(red);
});

test('a quarantine counts until the ms at which it ends, by the end of the run and not by that of the job', async () => {
  for (const [ms, expected] of [
    [hour - 1, green],
    [hour, red],
  ] as const) {
    const { queue, put } = await openLab();
    await put('a', 'one');
    const run = await play(queue, { a: fails('one'), b: passes }, {}, () => queue.advance(ms));
    expect(run).toMatchObject(expected);
    // Only where it excuses is it said; and who followed the run is told.
    expect(run.byPath.a?.quarantined_by ?? []).toHaveLength(expected === green ? 1 : 0);
    expect(Math.max(...run.jobs.map(({ rev }) => rev))).toBeLessThanOrEqual(run.rev);
    const { quarantines } = await listQuarantines(queue.deps, {}, anyOrg);
    expect(quarantines).toMatchObject([{ status: expected === green ? 'active' : 'ended', removed: false }]);
  }
});

test('one that is removed while the run goes on excuses nothing of it, and one that is extended goes on', async () => {
  const { queue, put } = await openLab();
  const { quarantine_id: id } = await put('a', 'one');
  const files = { a: fails('one'), b: passes };
  const removed = await play(queue, files, {}, () => removeQuarantine(queue.deps, id, anyOrg, 't'));
  expect(removed).toMatchObject(red);
  expect(removed.byPath.a?.quarantined_by).toBeNull();
  const again = await put('a', 'one');
  expect(again.quarantine_id).not.toBe(id);
  const extended = await play(queue, files, {}, async () => {
    expect((await put('a', 'one', { ms: 3 * hour })).quarantine_id).toBe(again.quarantine_id);
    queue.advance(2 * hour);
  });
  expect(extended).toMatchObject(green);
});

test('who has seen a failure as quarantined sees it anew once the quarantine excuses it no more', async () => {
  const { queue, put } = await openLab();
  await put('a', 'one');
  let seen = { rev: 0, jobs: 0 };
  const run = await play(queue, { a: fails('one'), b: passes, flow: bare('failed') }, {}, async () => {
    const [row] = await queue.deps.sql.read(
      "SELECT run_id FROM jobs WHERE status = 'failed' AND quarantines IS NOT NULL",
    );
    const now = await readRun(queue.deps, String(row?.run_id), 0, anyOrg);
    seen = { rev: now.rev, jobs: now.jobs.filter(({ quarantined_by: by }) => by !== null).length };
    queue.advance(hour);
  });
  expect(seen.jobs).toBe(1);
  const after = await readRun(queue.deps, run.run_id, seen.rev, anyOrg);
  expect(after.jobs.find(({ test_path }) => test_path === 'a')).toMatchObject({ quarantined_by: null });
  expect(after).toMatchObject(red);
});

test('a case whose title an agent has cut is not the one that is in quarantine, unless its id says so', async () => {
  const { queue, put } = await openLab();
  // Two titles that begin alike, cut so that a long report fits.
  const cut = `${'x'.repeat(299)}…`;
  await play(queue, { a: told([case_(cut, 'passed'), { ...case_(cut, 'passed'), id: '1-2' }]) });
  while (await writeLedger(queue.deps));
  const { tests } = await listTests(queue.deps, { q: 'xxx' }, anyOrg);
  expect(tests).toMatchObject([{ title: cut, case_id: '1-2' }]);
  const ends_at = new Date(queue.deps.now() + hour).toISOString();
  const body = { test_id: tests[0]?.test_id ?? '', owner: 'o', reason: 'r', ends_at };
  await addQuarantine(queue.deps, body, anyOrg, 't');
  // As the ledger of an older server has it.
  await queue.deps.sql.write([{ sql: "UPDATE quarantines SET case_id = ''" }]);
  expect(await play(queue, { a: fails(cut), b: passes })).toMatchObject(red);
  await queue.deps.sql.write([{ sql: "UPDATE quarantines SET case_id = '1-2'" }]);
  const named = told([{ ...case_(cut, 'failed'), id: '1-2' }, case_('fine', 'passed')]);
  expect(await play(queue, { a: named, b: passes })).toMatchObject(green);
  // The file as a whole is held, whatever its cases are called.
  await put('b', null);
  expect(await play(queue, { b: fails(cut), a: passes })).toMatchObject(green);
});

test('one that begins after the job has failed does not excuse it', async () => {
  const { queue, put } = await openLab();
  expect(await play(queue, { a: fails('one'), b: passes }, {}, () => put('a', 'one'))).toMatchObject(red);
});

test('it is a reason that counts beside known failures, and failures in quarantine stop no run', async () => {
  const { queue, put } = await openLab();
  await put('a', 'one');
  const branch = { repository_id: '', ref: 'main' };
  await play(queue, { b: fails('two'), c: passes }, { branch });
  const files = { a: fails('one'), b: fails('two'), c: passes };
  const base = { base: branch };
  expect(await play(queue, files, { ...base, fail_on: 'new' })).toMatchObject(green);
  expect(await play(queue, files, base)).toMatchObject(red);
  const stopping = { a: fails('one'), b: passes, c: passes };
  expect(await play(queue, stopping, { max_failures: 1 })).toMatchObject(green);
});

test('ends, owners and tests are checked', async () => {
  const { queue, put, idOf } = await openLab();
  const refused = { code: 'invalid' };
  await expect(put('a', 'one', { ms: 0 })).rejects.toMatchObject(refused);
  await expect(put('a', 'one', { ms: 90 * 24 * hour + 1 })).rejects.toMatchObject(refused);
  await expect(put('nowhere', null)).rejects.toMatchObject({ code: 'not_found' });
  const { quarantine_id: id } = await put('a', 'one', { ms: 90 * 24 * hour });
  const rival = { orgId: 'rival' };
  await expect(removeQuarantine(queue.deps, id, rival, 't')).rejects.toMatchObject({ code: 'not_found' });
  const foreign = { orgId: 'acme', repositoryId: '8' };
  await expect(removeQuarantine(queue.deps, id, foreign, 't')).rejects.toMatchObject({ code: 'not_found' });
  const body = {
    test_id: idOf('a', 'one'),
    owner: 'x',
    reason: 'y',
    ends_at: new Date(queue.deps.now() + 1).toISOString(),
  };
  await expect(addQuarantine(queue.deps, body, foreign, 't')).rejects.toMatchObject({ code: 'not_found' });
  const { tests } = await listTests(queue.deps, { q: 'one' }, anyOrg);
  expect(tests.map((one) => one.quarantine?.quarantine_id)).toContain(id);
});

/** What a run may be, from what is known of its files alone: written without a look at the code. */
type File =
  | { kind: 'cases'; failed: number[]; complete: boolean }
  | { kind: 'bare'; failed: boolean }
  | { kind: 'error' };
const fileArb: fc.Arbitrary<File> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('cases' as const),
      failed: fc.uniqueArray(fc.nat(2), { maxLength: 3 }),
      complete: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('bare' as const), failed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'error' as const }) },
);

test('no run is green with a failure that nothing excuses, and none is red where all are excused', async () => {
  const names = ['a', 'b', 'c'];
  const queue = await openTestQueue();
  const cases = [0, 1, 2].map((n) => case_(`case ${n}`, 'passed'));
  await play(queue, Object.fromEntries(names.map((name) => [name, told(cases)])));
  while (await writeLedger(queue.deps));
  const { tests: leaves } = await listTests(queue.deps, {}, anyOrg);
  const { tests: wholes } = await listTests(queue.deps, { kind: 'file' }, anyOrg);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fileArb, { minLength: 1, maxLength: 3 }),
      fc.uniqueArray(fc.tuple(fc.nat(2), fc.integer({ min: -1, max: 2 })), {
        maxLength: 6,
        selector: String,
      }),
      async (files, held) => {
        const ids: string[] = [];
        for (const [file, n] of held) {
          const known = n < 0 ? wholes : leaves;
          const found = known.find(
            (one) => one.test_path === names[file] && (n < 0 || one.title === `case ${n}`),
          );
          const ends_at = new Date(queue.deps.now() + hour).toISOString();
          const body = { test_id: found?.test_id ?? '', owner: 'o', reason: 'r', ends_at };
          ids.push((await addQuarantine(queue.deps, body, anyOrg, 't')).quarantine_id);
        }
        const run = await play(
          queue,
          Object.fromEntries(files.map((file, n) => [names[n] ?? '', reportOf(file)])),
        );
        expect(run.conclusion === 'success').toBe(mayBeGreen(files, new Set(held.map(String))));
        for (const id of ids) await removeQuarantine(queue.deps, id, anyOrg, 't');
        queue.advance(1000);
      },
    ),
    // A run on a libSQL server takes half a second.
    { numRuns: inject('database') === 'file' ? 60 : 10, seed: 15 },
  );
});

function reportOf(file: File): Report {
  if (file.kind === 'error') return errors;
  if (file.kind === 'bare') return bare(file.failed ? 'failed' : 'passed');
  const tests = [0, 1, 2].map((n) => case_(`case ${n}`, file.failed.includes(n) ? 'failed' : 'passed'));
  return told(tests, file.complete);
}

function mayBeGreen(files: readonly File[], held: ReadonlySet<string>): boolean {
  const hasFailed = (file: File) =>
    file.kind !== 'error' && (file.kind === 'bare' ? file.failed : file.failed.length > 0);
  const isFine = (file: File, n: number): boolean => {
    if (file.kind === 'error') return false;
    if (!hasFailed(file)) return true;
    // All of these files have had reports: without one, the tests were not come to.
    if (file.kind === 'bare') return false;
    if (!file.complete) return false;
    return held.has(`${n},-1`) || file.failed.every((one) => held.has(`${n},${one}`));
  };
  return files.every(isFine) && files.some((file) => file.kind !== 'error' && !hasFailed(file));
}

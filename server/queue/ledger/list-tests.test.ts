import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import type { Test, TestFilters } from '../../../protocol/shapes/test.ts';
import { anyOrg, copyTemplate, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import type { Deps } from '../store/deps.ts';
import { forgetDays, listTests, readTest, writeLedger } from './index.ts';
import { testIdOf } from './test-identity.ts';
import { type TestRow, writeTestRows } from './test-rows.ts';

const of = { orgId: 'acme', repositoryId: '', target: 'emulator', testPath: 'a.spec.ts' };

/** A case that was flaky in some of 100 jobs of today. */
function caseRow(deps: Deps, title: string, flaky: number, ms: number, more: Partial<TestRow> = {}): TestRow {
  const now = deps.now();
  const identity = { ...of, file: '', title, caseId: '', ...more };
  const day = [Math.floor(now / 86_400_000), 100 - flaky, flaky, 0] as const;
  return {
    ...{ ...identity, id: testIdOf(identity), isLeaf: true, hasReport: false },
    ...{ days: [day], durations: [ms] },
    ...{ firstRunAt: now, lastRunAt: now, lastFailedAt: null, ...more },
  };
}

async function keep(queue: TestQueue, rows: readonly TestRow[]): Promise<void> {
  await queue.deps.sql.write([
    { sql: `INSERT INTO orgs (id, created_at) VALUES ('acme', 0) ON CONFLICT DO NOTHING` },
    ...writeTestRows(rows, queue.deps.now(), 0),
  ]);
}

/** All pages, one after the other. */
async function readAll(queue: TestQueue, filters: TestFilters): Promise<{ tests: Test[]; pages: number }> {
  const tests: Test[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await listTests(queue.deps, { ...filters, ...(cursor && { cursor }) }, anyOrg);
    tests.push(...page.tests);
    if (page.next_cursor === null) return { tests, pages };
    expect(page.next_cursor).toMatch(/^[\d.e-]{0,30}:tst_[0-9a-f]{32}$/);
    cursor = page.next_cursor;
  }
}

const titles = ({ tests }: { tests: readonly Test[] }) =>
  tests.map(({ title, test_path: path }) => title ?? path);

async function withSeven() {
  const queue = await openTestQueue();
  const { deps } = queue;
  await keep(queue, [
    ...[0, 1, 50, 7, 7].map((flaky, n) => caseRow(deps, `case ${n}`, flaky, 1000 * (n % 3))),
    caseRow(deps, '', 50, 9000, { isLeaf: false }),
    caseRow(deps, '', 0, 5, { testPath: 'b/flow.yaml', target: 'device', repositoryId: '7' }),
  ]);
  return queue;
}

test('tests are listed by name, by flakiness and by time, page by page, each once', async () => {
  const queue = await withSeven();
  const byName = await readAll(queue, { limit: 2 });
  expect(titles(byName)).toEqual(['case 0', 'case 1', 'case 2', 'case 3', 'case 4', 'b/flow.yaml']);
  expect(byName.pages).toBe(3);
  const flaky = await readAll(queue, { limit: 1, sort: 'flaky' });

  expect(flaky.tests.map(({ jobs }) => jobs.flaky)).toEqual([50, 7, 7, 1]);
  const slow = await readAll(queue, { limit: 2, sort: 'slow' });
  expect(slow.tests.map(({ p50_ms: ms }) => ms)).toEqual([2000, 1000, 1000, 5, 0, 0]);
});

test('files are listed alone, and filters keep others out', async () => {
  const queue = await withSeven();
  expect(titles(await readAll(queue, { kind: 'file' }))).toEqual(['a.spec.ts', 'b/flow.yaml']);
  expect(titles(await readAll(queue, { kind: 'file', sort: 'slow', limit: 1 }))).toEqual([
    'a.spec.ts',
    'b/flow.yaml',
  ]);
  expect(titles(await readAll(queue, { q: 'CASE 3' }))).toEqual(['case 3']);
  expect(titles(await readAll(queue, { q: 'flow' }))).toEqual(['b/flow.yaml']);
  expect(titles(await readAll(queue, { target: 'device' }))).toEqual(['b/flow.yaml']);
  expect(titles(await readAll(queue, { repository_id: '7' }))).toEqual(['b/flow.yaml']);
});

test('a test shows its share with the interval; one of another org is not found', async () => {
  const queue = await withSeven();
  const [first] = (await listTests(queue.deps, { sort: 'flaky' }, anyOrg)).tests;
  expect(first).toMatchObject({ jobs: { passed: 50, flaky: 50, failed: 0 }, flakiness: { share: 0.5 } });
  const id = first?.test_id ?? '';
  expect(await readTest(queue.deps, id, { orgId: 'acme' })).toMatchObject({ ...first, failures: [] });
  await expect(readTest(queue.deps, id, { orgId: 'rival' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(readTest(queue.deps, 'tst_0', anyOrg)).rejects.toMatchObject({ code: 'not_found' });
});

test('a cursor of another order is refused', async () => {
  const queue = await withSeven();
  const { next_cursor: cursor } = await listTests(queue.deps, { limit: 1, sort: 'slow' }, anyOrg);
  await expect(listTests(queue.deps, { cursor: cursor ?? '' }, anyOrg)).rejects.toMatchObject({
    code: 'invalid',
  });
});

test('among many tests one is found page by page, and no page looks at more than 5000', async () => {
  const queue = await openTestQueue();
  const { deps } = queue;
  const many = Array.from({ length: 10_100 }, (_, n) =>
    caseRow(deps, `case ${String(n).padStart(6, '0')}`, 0, n),
  );
  await keep(queue, many);
  expect(await readAll(queue, { q: 'case 010000' })).toMatchObject({
    pages: 3,
    tests: [{ title: 'case 010000' }],
  });
  expect(await readAll(queue, { q: 'case 000001', sort: 'slow', limit: 1 })).toMatchObject({
    pages: 3,
    tests: [{ p50_ms: 1 }],
  });
  expect((await readAll(queue, { limit: 500 })).tests).toHaveLength(10_100);
});

test('every read of the ledger goes by an index', async () => {
  const queue = await withSeven();
  const seen = new Map<string, unknown>();
  const read: Deps['sql']['read'] = (sql, args) => {
    seen.set(sql, args);
    return queue.deps.sql.read(sql, args);
  };
  const deps = { ...queue.deps, sql: { ...queue.deps.sql, read } };
  for (const sort of ['name', 'slow', 'flaky'] as const)
    for (const kind of ['test', 'file'] as const) {
      const { next_cursor: cursor } = await listTests(deps, { limit: 1, sort, kind }, anyOrg);
      if (cursor) await listTests(deps, { limit: 1, sort, kind, cursor, q: 'x' }, { orgId: 'acme' });
      const [first] = (await listTests(deps, { sort }, anyOrg)).tests;
      await readTest(deps, first?.test_id ?? '', anyOrg);
    }
  await writeLedger(deps);
  await forgetDays(deps);
  const client = createClient({ url: `file:${copyTemplate()}` });
  onTestFinished(() => client.close());
  const details: string[] = [];
  for (const sql of seen.keys()) {
    const { rows } = await client.execute(`EXPLAIN QUERY PLAN ${sql}`);
    details.push(...rows.map(({ detail }) => String(detail)));
  }
  const scans = details.filter((one) => /^SCAN|TEMP B-TREE/.test(one));
  // One row, two orgs, and lists that the statement was given.
  expect(scans.filter((one) => !/^SCAN (orgs|k|i VIRTUAL|\(subquery|CONSTANT)/.test(one))).toEqual([]);
  expect(details.join()).toMatch(/tests_name.*tests_slow_files|tests_slow_files.*tests_name/s);
  expect(seen.size).toBeGreaterThan(12);
});

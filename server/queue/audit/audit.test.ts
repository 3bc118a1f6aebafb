import { expect, test } from 'vitest';
import { auditCsvRow } from '../../../protocol/audit-csv.ts';
import { SubmitRun } from '../../../protocol/shapes/run.ts';
import { anyOrg, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { readSources } from '../../../test/support/sources.ts';
import { pruneAudit } from '../retention/index.ts';
import { type Actor, type AuditLine, detailJson } from '../store/audit-line.ts';
import { submitRun } from '../submit/index.ts';
import { auditPages, listAudit, writeAudit } from './index.ts';

const by: Actor = { kind: 'token', tokenId: 't1', address: '10.0.0.1', requestId: 'r1' };
const line = (targetId: string, more: Partial<AuditLine> = {}): AuditLine => ({
  ...{ by, orgId: 'acme', action: 'token.created', targetKind: 'token', targetId },
  ...more,
});

const targetsOf = async (queue: TestQueue, filters: Parameters<typeof listAudit>[1] = {}) =>
  (await listAudit(queue.deps, filters, anyOrg)).entries.map(({ target_id: id }) => id);

const day = 86_400_000;

test('a line of a submit comes with the commit that stores the run', async () => {
  const queue = await openTestQueue();
  let commits = 0;
  const { deps } = queue;
  deps.sql.onCommit(() => {
    commits += 1;
  });
  const body = SubmitRun.parse({ app_version_id: 'v1', tests: ['a', 'b'] });
  const audited = { by, action: 'run.submitted' as const };
  const many = await Promise.all(
    Array.from({ length: 20 }, () => submitRun(deps, { orgId: 'acme', body, createOrg: true, audited })),
  );
  expect(commits).toBe(1);
  expect((await targetsOf(queue)).sort()).toEqual(many.map(({ run }) => run.run_id).sort());
  expect((await listAudit(deps, { limit: 1 }, anyOrg)).entries).toMatchObject([
    { ...{ actor_kind: 'token', token_id: 't1', address: '10.0.0.1', request_id: 'r1', org_id: 'acme' } },
  ]);
});

test('nobody changes a line, not even by hand', async () => {
  const queue = await openTestQueue();
  await writeAudit(queue.deps, [line('one')]);
  const change = queue.deps.sql.write([{ sql: `UPDATE audit SET actor_name = 'somebody else'` }]);
  await expect(change).rejects.toThrow();
  expect((await listAudit(queue.deps, {}, anyOrg)).entries).toMatchObject([{ actor_name: '' }]);
});

test('no source changes a line, and only the pruner deletes one', () => {
  const sources = readSources(['agent', 'cli', 'client', 'protocol', 'server']);
  const withSql = (pattern: RegExp) =>
    sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
  expect(withSql(/\bUPDATE\s+(OR\s+\w+\s+)?audit\b|update\(audit\)|REPLACE\s+INTO\s+audit\b/i)).toEqual([]);
  expect(withSql(/\bDELETE\s+FROM\s+audit\b|delete\(audit\)/i)).toEqual([
    'server/queue/retention/prune-audit.ts',
  ]);
  expect(withSql(/\bINSERT\s+(OR\s+\w+\s+)?INTO\s+audit\b/i)).toEqual(['server/queue/store/audit-line.ts']);
});

test('old lines go in steps, and a number is never given twice', async () => {
  const queue = await openTestQueue();
  const { deps, advance } = queue;
  for (let n = 0; n < 5; n += 1) await writeAudit(deps, [line(`old-${n}`)]);
  advance(400 * day);
  const before = () => deps.now() - 400 * day + 1;
  expect(await pruneAudit(deps, before() - 2, 2)).toBe(false);
  expect(await pruneAudit(deps, before(), 2)).toBe(true);
  expect(await targetsOf(queue)).toEqual(['old-4', 'old-3', 'old-2']);
  while (await pruneAudit(deps, before(), 2));
  expect(await targetsOf(queue)).toEqual([]);
  await writeAudit(deps, [line('new')]);
  expect((await listAudit(deps, {}, anyOrg)).entries).toMatchObject([{ seq: 6, target_id: 'new' }]);
});

test('lists read by an index, newest first, and sort nothing', async () => {
  const queue = await openTestQueue();
  const seen: string[] = [];
  const sql = {
    ...queue.deps.sql,
    read: (text: string, args?: never) => {
      seen.push(text);
      return queue.deps.sql.read(text, args);
    },
  };
  const deps = { ...queue.deps, sql };
  const since = new Date(deps.now()).toISOString();
  const filters = [{}, { action: 'run.submitted' as const }, { token_id: 't' }, { target: 'x' }];
  for (const viewer of [anyOrg, { orgId: 'acme' }])
    for (const filter of filters)
      for (const time of [{}, { since }, { since, until: since, cursor: '9' }])
        await listAudit(deps, { ...filter, ...time }, viewer);
  const plans = await Promise.all(seen.map((text) => queue.deps.sql.read(`EXPLAIN QUERY PLAN ${text}`)));
  const details = plans.map((rows) => rows.map(({ detail }) => String(detail)));
  expect(details.flat().filter((detail) => /TEMP B-TREE/.test(detail))).toEqual([]);
  for (const [place, rows] of details.entries()) {
    const isFiltered = /WHERE/.test(seen[place] ?? '');
    expect(rows.filter((detail) => /^SCAN audit/.test(detail)).length, seen[place]).toBeLessThanOrEqual(
      isFiltered ? 0 : 1,
    );
  }
});

test('facts are cut until they fit into a kilobyte', () => {
  const long = 'ä'.repeat(5000);
  const json = detailJson({ a: long, b: [long, long, long], c: Array(500).fill(long), d: undefined, e: 1 });
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(1024);
  expect(JSON.parse(json)).toMatchObject({ a: expect.stringMatching(/^ä+…$/) });
  expect(detailJson({ n: 1, none: null, word: 'x\ny\u202e' })).toBe('{"n":1,"none":null,"word":"x y"}');
  expect(detailJson()).toBe('{}');
});

/** What a spreadsheet would run, what breaks a line, and what turns the direction of writing. */
const evil = [
  `=cmd|' /C calc'!A0`,
  '+1+1',
  '-2+3',
  '@SUM(1)',
  '\t=1+1',
  '\r=1',
  'a"b;=1+1,\n=2',
  'x\u202egnp.exe',
];

test.each(evil)('as CSV the name %j is text and nothing else', async (name) => {
  const queue = await openTestQueue();
  const { deps } = queue;
  await deps.sql.write([
    {
      sql: `INSERT INTO tokens (id, name, scopes, hash, created_at) VALUES ('t1', ?, '[]', '', 0)`,
      args: [name],
    },
  ]);
  await writeAudit(deps, [line(name, { detail: { name } })]);
  const rows: string[] = [];
  for await (const page of auditPages(deps, {}, anyOrg)) rows.push(...page.map(auditCsvRow));
  expect(rows).toHaveLength(1);
  const [row = ''] = rows;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be in it
  expect(row).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
  const cells = [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, text, bare]) => text ?? bare,
  );
  expect(cells).toHaveLength(12);
  expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell ?? ''))).toEqual([]);
});

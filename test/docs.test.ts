import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { auditActions } from '../protocol/audit-actions.ts';
import { openReader } from '../server/db/snapshot.ts';
import { docTables, fillTables } from './support/doc-tables.ts';
import { readTables } from './support/markdown-table.ts';

const pages = [
  'docs/api.md',
  'docs/cli.md',
  'docs/job-lifecycle.md',
  'docs/metrics.md',
  'docs/operations.md',
];
const read = (page: string): string => readFileSync(join(import.meta.dirname, '..', page), 'utf8');

// `npx vitest run test/docs.test.ts -u` updates the tables.
test.each(pages)('the tables of %s agree with the code', async (page) => {
  await expect(fillTables(read(page))).toMatchFileSnapshot(join('..', page));
});

test('every generated table has its marks on a page, and all marks have a table', () => {
  const places = pages.flatMap((page) => [...read(page).matchAll(/<!-- (\w+) -->/g)].map(([, name]) => name));
  expect(places.sort()).toEqual(Object.keys(docTables).sort());
});

/** A part of a page, from one heading to a later one. Throws where one is missing. */
function sectionOf(page: string, from: string, to: string): string {
  const text = read(page);
  const [begin, end] = [text.indexOf(`${from}\n`), text.indexOf(`${to}\n`)];
  if (begin < 0 || end < begin) throw new Error(`${page} has no part from "${from}" to "${to}"`);
  return text.slice(begin, end);
}

test.each([
  [
    'the page about running the server says of each table how long its rows are kept',
    sectionOf('docs/operations.md', '## What is deleted, and when', '## Stop'),
  ],
  [
    'the page about scaling says of each table whether it belongs to an org',
    sectionOf('docs/scaling.md', '### What is sharded', '### The way to a shard'),
  ],
])('%s', (_, section) => {
  const reader = openReader(inject('templateDatabase'));
  onTestFinished(() => reader.close());
  const tables = [...reader.rows(`SELECT name FROM sqlite_schema WHERE type = 'table'`)].map(({ name }) =>
    String(name),
  );
  const own = tables.filter((name) => !/^(sqlite_|__)/.test(name));
  expect(own.length).toBeGreaterThan(25);
  expect(own.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

test('the page about security names each attack that is tried, and no other', () => {
  const section = read('docs/security.md').split('## What was tried')[1] ?? '';
  const table = section.slice(section.indexOf('\n|'));
  const named = [...table.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name);
  const tried = readdirSync(join(import.meta.dirname, 'attacks'))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.replace('.test.ts', ''));
  expect([...new Set(named)].sort()).toEqual(tried.sort());
});

test('the page about running the server explains each action of the audit log', () => {
  const section = sectionOf('docs/operations.md', '## Audit log', '## Health');
  expect(auditActions.filter((action) => !section.includes(`\`${action}\``))).toEqual([]);
});

test('every word of the life of a job is explained among the concepts', () => {
  const wordsOf = (text: string): string[] =>
    readTables(text)
      .filter(([first]) => first !== 'word')
      .flatMap(([first = '']) => first.split(', '));
  const words = wordsOf(sectionOf('docs/job-lifecycle.md', '## Words', '## States'));
  expect(words.length).toBeGreaterThan(10);
  const concepts = wordsOf(read('docs/concepts.md'));
  expect(words.filter((word) => !concepts.includes(word))).toEqual([]);
});

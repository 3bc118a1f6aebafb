import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openReader } from '../server/db/snapshot.ts';
import { docTables, fillTables } from './support/doc-tables.ts';

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

test('the page about running the server says of each table how long its rows are kept', () => {
  const page = read('docs/operations.md');
  const section = page.slice(page.indexOf('## What is deleted'), page.indexOf('## Stop'));
  const reader = openReader(inject('templateDatabase'));
  onTestFinished(() => reader.close());
  const tables = [...reader.rows(`SELECT name FROM sqlite_schema WHERE type = 'table'`)].map(({ name }) =>
    String(name),
  );
  const own = tables.filter((name) => !/^(sqlite_|__)/.test(name));
  expect(own.length).toBeGreaterThan(25);
  expect(own.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

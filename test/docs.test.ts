import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { docTables, fillTables } from './support/doc-tables.ts';

const pages = ['README.md', 'docs/api.md', 'docs/job-lifecycle.md', 'docs/metrics.md', 'docs/operations.md'];
const read = (page: string): string => readFileSync(join(import.meta.dirname, '..', page), 'utf8');

// `npx vitest run test/docs.test.ts -u` updates the tables.
test.each(pages)('the tables of %s agree with the code', async (page) => {
  await expect(fillTables(read(page))).toMatchFileSnapshot(join('..', page));
});

test('every generated table has its marks on a page, and all marks have a table', () => {
  const places = pages.flatMap((page) => [...read(page).matchAll(/<!-- (\w+) -->/g)].map(([, name]) => name));
  expect(places.sort()).toEqual(Object.keys(docTables).sort());
});

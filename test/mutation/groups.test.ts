import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/sources.ts';
import { groups } from './groups.ts';

const filesOf = (patterns: readonly string[]): string[] =>
  patterns.flatMap((pattern) => globSync(pattern, { cwd: projectRoot })).sort();

/** `a{b,c}` is ab and ac: how many files a pattern names. */
const namedBy = (pattern: string): number => (/\{([^}]*)\}/.exec(pattern)?.[1] ?? '').split(',').length;

test.each(groups)('every file that the group $name names is there', ({ mutate, tests }) => {
  for (const pattern of [...mutate, ...tests].filter((one) => !/\*/.test(one)))
    expect([pattern, filesOf([pattern]).length]).toEqual([pattern, namedBy(pattern)]);
});

test('no file is mutated twice', () => {
  const files = groups.flatMap(({ mutate }) => filesOf(mutate));
  expect(files).toEqual([...new Set(files)]);
  expect(files.length).toBeGreaterThan(40);
});

test('the page about them names each group', () => {
  const page = readFileSync(join(projectRoot, 'docs/mutation.md'), 'utf8');
  expect(groups.filter(({ name }) => !page.includes(`\n| ${name} |`)).map(({ name }) => name)).toEqual([]);
});

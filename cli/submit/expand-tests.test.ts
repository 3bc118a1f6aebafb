import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/queue.ts';
import { expandTests } from './expand-tests.ts';

const files = [
  'tests/b.spec.ts',
  'tests/a.spec.ts',
  'tests/deep/c.spec.ts',
  'tests/[id].spec.ts',
  'tests/one,two.spec.ts',
  'tests/helper.ts',
  'x,y/e.spec.ts',
  'x,y/e,f,g.spec.ts',
  'odd{/a.spec.ts',
  'node_modules/lib/d.spec.ts',
];

function makeFolder(): string {
  const root = tempFolder();
  for (const path of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  symlinkSync(join(root, 'tests/deep'), join(root, 'tests/link'));
  return root;
}

const search = (given: readonly string[], cwd = makeFolder()) => expandTests(given, cwd);

test.each<[string, string[], string[]]>([
  ['a path is itself', ['tests/a.spec.ts'], ['tests/a.spec.ts']],
  ['./ and .. inside go', ['./tests/deep/../a.spec.ts'], ['tests/a.spec.ts']],
  [
    'commas and repeats are one list, sorted, each once',
    ['tests/b.spec.ts,tests/a.spec.ts', 'tests/a.spec.ts'],
    ['tests/a.spec.ts', 'tests/b.spec.ts'],
  ],
  [
    'a glob looks into folders, not through links, not into packages',
    ['tests/**/*.spec.ts'],
    [
      'tests/[id].spec.ts',
      'tests/a.spec.ts',
      'tests/b.spec.ts',
      'tests/deep/c.spec.ts',
      'tests/one,two.spec.ts',
    ],
  ],
  ['packages where they are named', ['node_modules/**/*.spec.ts'], ['node_modules/lib/d.spec.ts']],
  ['braces keep their commas', ['tests/{a,b}.spec.ts'], ['tests/a.spec.ts', 'tests/b.spec.ts']],
  ['a file whose name looks like a glob is that file', ['tests/[id].spec.ts'], ['tests/[id].spec.ts']],
  ['a file whose name holds a comma is that file', ['tests/one,two.spec.ts'], ['tests/one,two.spec.ts']],
  [
    'so beside others',
    ['tests/one,two.spec.ts,tests/a.spec.ts'],
    ['tests/a.spec.ts', 'tests/one,two.spec.ts'],
  ],
  [
    'a folder whose name holds a comma is that folder',
    ['tests/a.spec.ts,x,y/*.spec.ts,x,y/e,f,g.spec.ts'],
    ['tests/a.spec.ts', 'x,y/e,f,g.spec.ts', 'x,y/e.spec.ts'],
  ],
  [
    'a brace that is never closed holds no comma',
    ['odd{/a.spec.ts,tests/a.spec.ts'],
    ['odd{/a.spec.ts', 'tests/a.spec.ts'],
  ],
  [
    'a ! takes out',
    ['tests/*.spec.ts,!tests/[id].spec.ts', '!tests/{a,b}.spec.ts'],
    ['tests/one,two.spec.ts'],
  ],
  ['nothing is nothing', ['', ','], []],
])('%s', (_, given, tests) => {
  expect(search(given)).toEqual({ tests, missing: [], leftOut: [] });
});

test('absolute paths and globs become relative', () => {
  const root = makeFolder();
  const { tests } = search([join(root, 'tests/a.spec.ts'), join(root, 'tests/deep/*')], root);
  expect(tests).toEqual(['tests/a.spec.ts', 'tests/deep/c.spec.ts']);
});

test('a plain path that is not there is kept and named as missing', () => {
  expect(search(['tests/a.spec.ts,tests/none.spec.ts'])).toEqual({
    leftOut: [],
    tests: ['tests/a.spec.ts', 'tests/none.spec.ts'],
    missing: ['tests/none.spec.ts'],
  });
});

test.each([
  ['tests/*.spec.js', /--test tests\/\*\.spec\.js: matches no file in/],
  ['tests', /--test tests: is a folder; name its tests, like 'tests\/\*\*/],
  ['../a.spec.ts', /is outside of \//],
  ['/etc/hosts', /is outside of \//],
])('%s is refused', (pattern, message) => {
  expect(() => search(['tests/a.spec.ts', pattern])).toThrow(message);
});

import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findTests } from './find-tests.ts';

const composed = 'caf\u00e9.spec.ts';
const decomposed = 'cafe\u0301.spec.ts';

const files = [
  'a.spec.ts',
  'b.spec.ts',
  'a(b).spec.ts',
  'slow/c.spec.ts',
  'slow/.hidden.spec.ts',
  'i.spec.ts',
  'app/[id].spec.ts',
  'app/i.spec.ts',
  'app/[id]/b.spec.ts',
  'app/[id]/deep/c.spec.ts',
  'app/i/b.spec.ts',
  'app/(group)/d.spec.ts',
  'app/group/d.spec.ts',
  'app/shop/[...slug]/e.spec.ts',
  'app/@modal/(.)photo/[[id]]/f.spec.ts',
  'braces/{x}/y.spec.ts',
  'braces/x/y.spec.ts',
  'star/*.spec.ts',
  'star/other.spec.ts',
  'odd/!bang.spec.ts',
  'odd/#hash.spec.ts',
  'odd/two words.spec.ts',
  'odd/one,two.spec.ts',
  'odd/"quoted" $1^+@.spec.ts',
  '!odd/g.spec.ts',
  '!first.spec.ts',
  `names/${composed}`,
  '.hidden/x.spec.ts',
  'node_modules/x/d.spec.ts',
  'slow/node_modules/x/d.spec.ts',
  'e.txt',
];

function checkout(more: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-tests-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of [...files, ...more]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  symlinkSync(folder, join(folder, 'slow/loop'));
  return folder;
}

const search = (directory: string, patterns: readonly string[], keepMissing = false) =>
  findTests({ directory, patterns, keepMissing, label: (pattern) => `tests "${pattern}"` });
const find = (...patterns: string[]) => search(checkout(), patterns).tests;

test.each<[string, string[], string[]]>([
  ['a path', ['b.spec.ts'], ['b.spec.ts']],
  [
    'detours',
    ['./slow/../a.spec.ts', 'slow//c.spec.ts', 'b.spec.ts/'],
    ['a.spec.ts', 'slow/c.spec.ts', 'b.spec.ts'],
  ],
  [
    'a file that is named twice, once',
    ['b.spec.ts', './b.spec.ts', 'slow/../b.spec.ts', '[b].spec.ts'],
    ['b.spec.ts'],
  ],
  ['lines in their order', ['b.spec.ts', '[ab].spec.ts'], ['b.spec.ts', 'a.spec.ts']],
  ['a glob, but no packages', ['slow/**'], ['slow/c.spec.ts']],
  ['packages where they are named', ['node_modules/*/d.spec.ts'], ['node_modules/x/d.spec.ts']],
  [
    'hidden files where they are named',
    ['.hidden/*', 'slow/.hidden.spec.ts'],
    ['.hidden/x.spec.ts', 'slow/.hidden.spec.ts'],
  ],
  ['a file with parentheses', ['a(b).spec.ts'], ['a(b).spec.ts']],
  ['a file with brackets, and not the one that they would match', ['app/[id].spec.ts'], ['app/[id].spec.ts']],
  ['what brackets match where nothing is called so', ['[ij].spec.ts'], ['i.spec.ts']],
  ['a folder with brackets', ['app/[id]/**/*.spec.ts'], ['app/[id]/b.spec.ts', 'app/[id]/deep/c.spec.ts']],
  ['a folder with parentheses', ['app/(group)/**/*.spec.ts'], ['app/(group)/d.spec.ts']],
  ['several such folders', ['app/@modal/(.)photo/[[id]]/*'], ['app/@modal/(.)photo/[[id]]/f.spec.ts']],
  ['such a folder behind a star', ['app/*/[...slug]/*.ts'], ['app/shop/[...slug]/e.spec.ts']],
  ['such a folder behind two stars', ['**/(group)/*.spec.ts'], ['app/(group)/d.spec.ts']],
  ['such a file behind two stars', ['**/[id].spec.ts'], ['app/[id].spec.ts']],
  ['such an escaped name', ['app/\\[id\\].spec.ts'], ['app/[id].spec.ts']],
  ['a folder with braces', ['braces/{x}/y.spec.ts', 'braces/{x}/*'], ['braces/{x}/y.spec.ts']],
  ['braces with slashes', ['{slow/c,a}.spec.ts'], ['a.spec.ts', 'slow/c.spec.ts']],
  ['a file with a star', ['star/*.spec.ts'], ['star/*.spec.ts']],
  ['an extglob', ['@(a|b).spec.ts'], ['a.spec.ts', 'b.spec.ts']],
  [
    'odd first letters',
    ['odd/!bang.spec.ts', 'odd/#hash.spec.ts'],
    ['odd/!bang.spec.ts', 'odd/#hash.spec.ts'],
  ],
  ['a name that begins with !', ['!first.spec.ts'], ['!first.spec.ts']],
  ['a folder that begins with !', ['!odd/*.spec.ts', './!odd/g.spec.ts'], ['!odd/g.spec.ts']],
  [
    'blanks, commas, quotes',
    ['odd/two words.spec.ts', 'odd/one,two.spec.ts', 'odd/"quoted" $1^+@.spec.ts'],
    ['odd/two words.spec.ts', 'odd/one,two.spec.ts', 'odd/"quoted" $1^+@.spec.ts'],
  ],
  [
    'a name whose letters are composed otherwise',
    [`names/${decomposed}`, 'names/cafe\u0301*'],
    [`names/${composed}`],
  ],
  ['an exclude of a file', ['[ab].spec.ts', '!a.spec.ts'], ['b.spec.ts']],
  ['an exclude before the glob', ['!a.*', '[ab].spec.ts'], ['b.spec.ts']],
  [
    'an exclude of a folder',
    ['[ab].spec.ts', '{app,slow}/*.ts', '!./slow//'],
    ['a.spec.ts', 'b.spec.ts', 'app/[id].spec.ts', 'app/i.spec.ts'],
  ],
  ['an exclude of a folder with brackets', ['app/*/b.spec.ts', '!app/[id]'], ['app/i/b.spec.ts']],
  ['an exclude of a file in it', ['app/[id]/**', '!app/[id]/b.spec.ts'], ['app/[id]/deep/c.spec.ts']],
  ['an exclude of a file with brackets', ['app/*.spec.ts', '!app/[id].spec.ts'], ['app/i.spec.ts']],
  [
    'an exclude of such a folder anywhere',
    ['app/*/*.spec.ts', '!**/[id]/**', '!**/(group)'],
    ['app/group/d.spec.ts', 'app/i/b.spec.ts'],
  ],
  [
    'an exclude of a name with !',
    ['odd/!*', 'a.spec.ts', '!!first.spec.ts', '!odd/#*'],
    ['odd/!bang.spec.ts', 'a.spec.ts'],
  ],
  [
    'an exclude with other letters',
    ['{names,app}/*.ts', '!names/cafe\u0301.spec.[jt]s'],
    ['app/[id].spec.ts', 'app/i.spec.ts'],
  ],
])('finds %s', (_, patterns, found) => {
  expect(find(...patterns)).toEqual(found);
});

test.each([
  [
    'a glob that matches nothing beside one that does',
    ['*.spec.ts', 'nope/*'],
    /"nope\/\*": matches no file in \//,
  ],
  ['a path that is not there', ['c.spec.ts'], /matches no file/],
  ['a path below a file', ['a.spec.ts/x'], /matches no file/],
  ['a folder', ['slow'], /is a folder; name its tests, like 'slow\/\*\*/],
  ['the folder itself', ['.'], /is a folder; name its tests, like '\*\*/],
  ['a path that is excluded', ['a.spec.ts', '!*.ts'], /matches no file in \S+ that no ! takes out/],
  ['a glob whose files are excluded', ['slow/*.ts', '!slow'], /that no ! takes out/],
  ['a hidden file in an excluded folder', ['slow/.hidden.spec.ts', '!slow/**'], /that no ! takes out/],
  ['an exclude of nothing at all', ['a.spec.ts', '!'], /that no ! takes out/],
  ['a way out', ['../*'], /is outside of/],
  ['a way out by a detour', ['slow/../../x.spec.ts'], /is outside of/],
  ['a way out in braces', ['{..,slow}/*/*.spec.ts'], /matches no file/],
  ['a whole path', ['/etc/*'], /is outside of/],
  ['an exclude outside', ['*.spec.ts', '!../x'], /is outside of/],
  ['a device', ['/dev/null'], /is outside of/],
])('refuses %s', (_, patterns, message) => {
  expect(() => find(...patterns)).toThrow(
    expect.objectContaining({ code: 'invalid', message: expect.stringMatching(message) }),
  );
});

test('whole paths inside become relative, also by another name of the folder', () => {
  const directory = checkout();
  const other = `${directory}-link`;
  symlinkSync(directory, other);
  onTestFinished(() => rmSync(other));
  const paths = [join(directory, 'a.spec.ts'), join(directory, 'slow/*')];
  expect(search(directory, paths).tests).toEqual(['a.spec.ts', 'slow/c.spec.ts']);
  expect(search(other, paths).tests).toEqual(['a.spec.ts', 'slow/c.spec.ts']);
});

test('a plain path that is not there may be kept, a glob may not', () => {
  const directory = checkout();
  const paths = ['away.spec.ts', './app/[id]/away.spec.ts', 'a.spec.ts'];
  expect(search(directory, paths, true)).toEqual({
    tests: ['away.spec.ts', 'app/[id]/away.spec.ts', 'a.spec.ts'],
    missing: ['away.spec.ts', 'app/[id]/away.spec.ts'],
    leftOut: [],
  });
  expect(() => search(directory, ['away/*'], true)).toThrow(/matches no file/);
  expect(() => search(directory, ['away.spec.ts', '!away*'], true)).toThrow(/no ! takes out/);
});

/** Links beside the files: inside, out, nowhere, round. */
function withLinks(): string {
  const outside = mkdtempSync(join(tmpdir(), 'qgjob-outside-'));
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }));
  writeFileSync(join(outside, 'secret.spec.ts'), '');
  const directory = checkout(['links/own.spec.ts']);
  symlinkSync('../slow/c.spec.ts', join(directory, 'links/inside.spec.ts'));
  symlinkSync(join(outside, 'secret.spec.ts'), join(directory, 'links/out.spec.ts'));
  symlinkSync('nowhere', join(directory, 'links/broken.spec.ts'));
  symlinkSync('round.spec.ts', join(directory, 'links/round.spec.ts'));
  symlinkSync('../slow', join(directory, 'links/folder.spec.ts'));
  symlinkSync(outside, join(directory, 'links/away'));
  return directory;
}

test('a glob finds linked files inside, names the others, walks no linked folder', () => {
  expect(search(withLinks(), ['links/**/*.spec.ts'])).toEqual({
    tests: ['links/inside.spec.ts', 'links/own.spec.ts'],
    missing: [],
    leftOut: ['links/broken.spec.ts', 'links/out.spec.ts', 'links/round.spec.ts'],
  });
});

test.each([
  ['links/out.spec.ts', /is a link that leads out of/],
  ['links/away/secret.spec.ts', /is a link that leads out of/],
  ['links/broken.spec.ts', /is a link that leads nowhere/],
  ['links/round.spec.ts', /is a link that leads nowhere/],
  ['links/folder.spec.ts', /is a folder/],
  ['links/away/*.spec.ts', /only links that lead out/],
])('%s is refused by name, also where a missing path would be kept', (path, message) => {
  expect(() => search(withLinks(), [path], true)).toThrow(message);
});

test('a file and a link to it are one test, under the name of the file; a link alone keeps its own', () => {
  const directory = withLinks();
  expect(search(directory, ['links/inside.spec.ts', 'a.spec.ts', 'slow/c.spec.ts']).tests).toEqual([
    'slow/c.spec.ts',
    'a.spec.ts',
  ]);
  expect(search(directory, ['links/inside.spec.ts', 'links/folder.spec.ts/c.spec.ts']).tests).toEqual([
    'links/inside.spec.ts',
  ]);
  expect(() => search(directory, ['links/inside.spec.ts', '!slow'])).toThrow(/no ! takes out/);
  expect(search(directory, ['slow/c.spec.ts', '!links/inside.spec.ts']).tests).toEqual(['slow/c.spec.ts']);
});

test('two files with one content are two tests, also where the disk keeps them once', () => {
  const directory = checkout();
  linkSync(join(directory, 'a.spec.ts'), join(directory, 'hard.spec.ts'));
  expect(search(directory, ['a.spec.ts', 'hard.spec.ts']).tests).toEqual(['a.spec.ts', 'hard.spec.ts']);
});

test('ten thousand names are asked for once each', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `many/${index}.spec.ts`);
  const directory = checkout(many);
  expect(search(directory, [...many.slice(0, 9000), 'many/*.spec.ts', '!many/9999.spec.ts']).tests).toEqual([
    ...many.slice(0, 9000),
    ...many.slice(9000, 9999).sort(),
  ]);
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findTests } from './find-tests.ts';

const files = [
  'a.spec.ts',
  'b.spec.ts',
  'slow/c.spec.ts',
  'app/[id].spec.ts',
  'node_modules/x/d.spec.ts',
  'e.txt',
];

function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-tests-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  symlinkSync(folder, join(folder, 'slow/loop'));
  return folder;
}

const find = (...patterns: string[]) => findTests({ directory: checkout(), patterns, trustPaths: false });

test.each([
  ['a path', ['b.spec.ts'], ['b.spec.ts']],
  ['lines in their order, without repeats', ['b.spec.ts', '*.spec.ts'], ['b.spec.ts', 'a.spec.ts']],
  [
    'a glob, but no packages and no links',
    ['**/*.spec.ts'],
    ['a.spec.ts', 'app/[id].spec.ts', 'b.spec.ts', 'slow/c.spec.ts'],
  ],
  ['an exclude of a file', ['*.spec.ts', '!a.spec.ts'], ['b.spec.ts']],
  ['an exclude before the glob', ['!a.*', '*.spec.ts'], ['b.spec.ts']],
  [
    'an exclude of a folder',
    ['*.spec.ts', '{app,slow}/*', '!slow/'],
    ['a.spec.ts', 'b.spec.ts', 'app/[id].spec.ts'],
  ],
  ['a path that looks like a glob', ['app/[id].spec.ts'], ['app/[id].spec.ts']],
  ['packages where they are named', ['node_modules/*/d.spec.ts'], ['node_modules/x/d.spec.ts']],
])('finds %s', async (_, patterns, found) => {
  expect(await find(...patterns)).toEqual(found);
});

test.each([
  ['a glob that matches nothing beside one that does', ['*.spec.ts', 'nope/*']],
  ['a path that is not there', ['c.spec.ts']],
  ['a folder', ['slow']],
  ['what is excluded again', ['a.spec.ts', '!*.ts']],
  ['a way out', ['../*']],
  ['a whole path', ['/etc/*']],
  ['an exclude outside', ['*.spec.ts', '!../x']],
])('refuses %s', async (_, patterns) => {
  await expect(find(...patterns)).rejects.toMatchObject({ code: 'invalid' });
});

test('without a checkout a path may be the agent’s, a glob may not', async () => {
  const trusting = (pattern: string) =>
    findTests({ directory: checkout(), patterns: [pattern], trustPaths: true });
  expect(await trusting('away.spec.ts')).toEqual(['away.spec.ts']);
  await expect(trusting('away/*')).rejects.toMatchObject({ code: 'invalid' });
});

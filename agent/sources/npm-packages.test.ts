import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../test-support/host.ts';
import { findNpmPackages } from './npm-packages.ts';

const left = { version: '1.0.0', resolved: 'https://registry.example.org/left.tgz', integrity: 'sha512-x' };

/** A folder with this lock file and manifest. */
function makeSuite(
  packages: object,
  manifest: object = {},
  files: Readonly<Record<string, string>> = {},
): string {
  const folder = join(makeWorkspace(), 'suite');
  const lock = { lockfileVersion: 3, packages: { '': {}, ...packages } };
  const all = {
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify(lock),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test('what npm reads, where it installs, and what it runs at its end', async () => {
  const packages = {
    'node_modules/left': left,
    'node_modules/@own/part': { resolved: 'parts/part', link: true },
    'parts/part': {},
    'parts/part/node_modules/left': { ...left, resolved: 'file:packed/left.tgz' },
    'node_modules/left/node_modules/inner': { inBundle: true },
  };
  const scripts = { install: 'a', preinstall: 'b', prepare: 'c', postpublish: 'd', test: 'e' };
  const folder = makeSuite(
    packages,
    { scripts, workspaces: ['parts/*'] },
    {
      '.npmrc': 'registry=https://registry.example.org',
      'parts/part/package.json': '{}',
      'parts/new/package.json': '{}',
      'packed/left.tgz': 'bytes',
      'a.spec.ts': '',
    },
  );
  const found = await findNpmPackages(folder);
  expect([...(found?.files.keys() ?? [])].sort()).toEqual([
    ...['.npmrc', 'package-lock.json', 'package.json', 'packed/left.tgz', 'parts/new/package.json'],
    'parts/part/package.json',
  ]);
  expect(found).toMatchObject({
    homes: ['', 'parts/part'],
    linked: ['@own/part'],
    scripts: ['install', 'prepare'],
  });
});

test('scripts around one that is not there run by themselves', async () => {
  const scripts = { postinstall: 'a', preinstall: 'b', postprepare: 'c', prepublish: 'd', install: '' };
  const found = await findNpmPackages(makeSuite({}, { scripts }));
  expect(found?.scripts).toEqual(['preinstall', 'postinstall', 'prepublish', 'postprepare']);
});

const depending: [what: string, packages: object, files?: Readonly<Record<string, string>>][] = [
  ['a package of a repository', { 'node_modules/a': { resolved: 'git+ssh://git@example.org/a.git#1' } }],
  ['a package without a hash', { 'node_modules/a': { resolved: 'https://example.org/a.tgz' } }],
  ['a folder outside', { 'node_modules/a': { resolved: '../a', link: true }, '../a': {} }],
  ['a packed package outside', { 'node_modules/a': { ...left, resolved: 'file:../a.tgz' } }],
  ['a packed package that is not there', { 'node_modules/a': { ...left, resolved: 'file:a.tgz' } }],
  ['a path that is none', { 'node_modules/../../a': left }],
  ['settings that forbid scripts', {}, { '.npmrc': 'ignore-scripts = true' }],
  ['a program to compile', {}, { 'binding.gyp': '{}' }],
  ['a lock file of old', {}, { 'package-lock.json': '{"lockfileVersion": 1, "dependencies": {}}' }],
  ['a lock file that is none', {}, { 'package-lock.json': '{' }],
  ['no manifest', {}, { 'package.json': '' }],
  [
    'a script that npm runs with the install',
    {},
    { 'package.json': '{"scripts":{"dependencies":"patch-package"}}' },
  ],
];

test.each(depending)(
  'packages are not kept that depend on more than these files: %s',
  async (_what, packages, files) => {
    expect(await findNpmPackages(makeSuite(packages, {}, files))).toBeUndefined();
  },
);

test('a link to a file elsewhere is not read', async () => {
  const folder = makeSuite({ 'node_modules/a': { ...left, resolved: 'file:outside/a.tgz' } });
  symlinkSync(dirname(makeSuite({}, {}, { '../a.tgz': 'a secret' })), join(folder, 'outside'));
  expect(await findNpmPackages(folder)).toBeUndefined();
});

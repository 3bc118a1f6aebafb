import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AgentFile } from '../config-shape.ts';
import { findFramework } from './find-framework.ts';

function folderWith(packageFile?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-framework-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (packageFile !== undefined) writeFileSync(join(folder, 'package.json'), packageFile);
  return folder;
}

const dependingOn = (...names: readonly string[]): string =>
  folderWith(JSON.stringify({ devDependencies: Object.fromEntries(names.map((name) => [name, '1'])) }));

test.each([
  ['mobilewright', ['mobilewright', '@playwright/test']],
  ['webdriverio', ['@wdio/cli', 'mocha']],
  ['detox', ['detox', 'jest']],
])('%s is found by the packages of the folder', (framework, names) => {
  const found = findFramework(dependingOn(...names));
  expect(found).toEqual({ default: framework });
  expect(AgentFile.parse({ frameworks: found }).frameworks.default).toBe(framework);
});

test('flows of Maestro are found by their folder', () => {
  const folder = folderWith('{}');
  mkdirSync(join(folder, '.maestro'));
  expect(findFramework(folder)).toEqual({ default: 'maestro' });
});

function folderWithTests(...texts: readonly string[]): string {
  const folder = folderWith('{"type":"module"}');
  mkdirSync(join(folder, 'tests/shop'), { recursive: true });
  for (const [n, text] of texts.entries()) writeFileSync(join(folder, `tests/shop/${n}.spec.js`), text);
  return folder;
}

test('tests of Node itself are known by what they import', () => {
  const found = findFramework(folderWithTests("import test from 'node:test';", "require('node:test')"));
  expect(AgentFile.parse({ frameworks: found }).frameworks).toMatchObject({
    default: 'command',
    command: { test: expect.arrayContaining(['--test', '{test}']) },
  });
});

test.each([
  ['Playwright is the default', () => dependingOn('@playwright/test')],
  ['another runner is not guessed', () => dependingOn('jest')],
  [
    'a file of another runner among those of Node, which Node would call passed',
    () => folderWithTests("import test from 'node:test';", 'module.exports = { demo: () => {} };'),
  ],
  ['a package without tests', () => folderWith('{"type":"module"}')],
  ['AppWright needs a project', () => dependingOn('appwright')],
  ['no package.json', () => folderWith()],
  ['a broken one', () => folderWith('{')],
  ['one that is no object', () => folderWith('null')],
])('nothing is written where nothing is to be said: %s', (_why, makeFolder) => {
  expect(findFramework(makeFolder())).toBeUndefined();
});

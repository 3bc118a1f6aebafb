import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../test-support/host.ts';
import { exportedFile } from './exported-file.ts';
import { findRunner } from './find-runner.ts';

test('the Playwright of a suite is where Node finds it', () => {
  const root = makeWorkspace();
  const { resolve } = createRequire(join(root, 'x.js'));
  expect(findRunner(root, '@playwright/test')).toEqual({
    cli: resolve('@playwright/test/cli'),
    testModule: '@playwright/test',
  });
  const home = join(import.meta.dirname, '../../../node_modules/playwright');
  expect(exportedFile(home, './test')).toBe(resolve('playwright/test'));
  expect(exportedFile(home, '.')).toBe(resolve('playwright'));
});

test('a package with a Playwright of its own is run with that one', () => {
  const root = makeWorkspace({
    'suite/node_modules/acme/package.json': '{}',
    'suite/node_modules/acme/node_modules/@playwright/test/package.json': JSON.stringify({
      exports: { '.': { import: './i.mjs', node: { require: './i.cjs' } }, './cli': './bin.js' },
    }),
    'suite/node_modules/acme/node_modules/@playwright/test/i.cjs': '',
    'suite/node_modules/acme/node_modules/@playwright/test/bin.js': '',
  });
  const home = join(root, 'suite/node_modules/acme/node_modules/@playwright/test');
  expect(findRunner(join(root, 'suite'), 'acme')).toEqual({
    cli: join(home, 'bin.js'),
    testModule: join(home, 'i.cjs'),
  });
});

test.each([
  ['leads out of its package', { exports: { './cli': './../../out.js' } }],
  ['is not there', { exports: { './cli': './none.js' } }],
  ['is none of a require', { exports: { './cli': { import: './cli.js' } } }],
  ['is the package itself', { exports: { './cli': '.' } }],
  ['is a number', { exports: { './cli': 1 } }],
])('a program that %s is none', (_what, manifest) => {
  const root = makeWorkspace({ 'p/package.json': JSON.stringify(manifest), 'p/cli.js': '', 'out.js': '' });
  expect(exportedFile(join(root, 'p'), './cli')).toBeUndefined();
});

test('a package that does not say what it exports is read by its files', () => {
  const root = makeWorkspace({
    'p/package.json': '{"main":"lib"}',
    'p/cli.js': '',
    'p/lib.js': '',
    'p/lib/x': '',
  });
  expect(exportedFile(join(root, 'p'), './cli')).toBe(join(root, 'p/cli.js'));
  expect(exportedFile(join(root, 'p'), '.')).toBe(join(root, 'p/lib.js'));
});

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../test/support/processes.ts';
import { isCommitted } from './is-committed.ts';

const cli = 'node_modules/@playwright/test/cli.js';
const options = { env: { PATH: process.env.PATH ?? '' }, anyOwner: true };

/** A checkout with an installed Playwright, of which git has these files. */
function makeCheckout(tracked: readonly string[], files: readonly string[] = []): string {
  const all = ['.gitignore', cli, ...files];
  const folder = makeFolder(
    Object.fromEntries(all.map((name) => [name, name === '.gitignore' ? 'node_modules\n' : ''])),
  );
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  execFileSync('git', ['add', '--force', '.gitignore', ...tracked], { cwd: folder });
  return folder;
}

test('a Playwright that npm installed is not committed, with git or without', async () => {
  expect(await isCommitted(join(makeCheckout([]), cli), options)).toBe(false);
  const without = makeFolder({ [cli]: '' });
  expect(await isCommitted(join(without, cli), { ...options, ceiling: without })).toBe(false);
});

test.each([
  'node_modules/@playwright/test/cli.js',
  'node_modules/@playwright/test/package.json',
  'node_modules/playwright/lib/program.js',
  'node_modules/@playwright/test/node_modules/playwright/cli.js',
  'apps/web/node_modules/playwright-core/index.js',
])('one of which git has %s is committed', async (name) => {
  expect(await isCommitted(join(makeCheckout([name], [name]), cli), options)).toBe(true);
});

test('so is one that a link leads to, in any folder of the checkout', async () => {
  const name = 'tools/own/cli.js';
  expect(await isCommitted(join(makeCheckout([name], [name]), name), options)).toBe(true);
});

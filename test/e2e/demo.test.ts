import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findChromium } from '../../agent/test-support/host.ts';
import { projectRoot } from '../support/sources.ts';

test('the page tests of the examples have the Playwright of the project', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(projectRoot, path), 'utf8'));
  const name = '@playwright/test';
  const { version } = read('examples/pages/package-lock.json').packages[`node_modules/${name}`];
  expect([read('package.json').devDependencies[name], version]).toEqual([version, version]);
});

// It starts seventeen programs, one after the other on a host that may be busy.
test('the demo runs 12 jobs with 2 installs and names the regression of version 2', async () => {
  // The demo exits with an error if anything is not as expected; execFile then rejects.
  const { stdout } = await promisify(execFile)(process.execPath, [join(projectRoot, 'scripts/demo.mjs')]);
  expect(stdout).toContain('12 jobs, 2 installs');
  expect(stdout).toMatch(
    /v2: failed, 4 passed, 2 failed, 0 errored\n.*an order of exactly 50\.00 costs 10 % less\n/,
  );
  expect(stdout).toContain('5000 !== 4500');
  expect(stdout).toMatch(/^source +[0-9a-f]{12}: \d+ files of /m);
  if (findChromium() !== undefined) expect(stdout).toMatch(/^pages: passed, 1 passed, 0 failed, 0 errored$/m);
}, 240_000);

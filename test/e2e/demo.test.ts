import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/sources.ts';

test('the demo runs 12 jobs with 2 installs and names the regression of version 2', async () => {
  // The demo exits with an error if anything is not as expected; execFile then rejects.
  const { stdout } = await promisify(execFile)(process.execPath, [join(projectRoot, 'scripts/demo.mjs')]);
  expect(stdout).toContain('12 jobs, 2 installs');
  expect(stdout).toMatch(
    /v2: failed, 4 passed, 2 failed, 0 errored\n.*an order of exactly 50\.00 costs 10 % less\n/,
  );
  expect(stdout).toContain('5000 !== 4500');
});

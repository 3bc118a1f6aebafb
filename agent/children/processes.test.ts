import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../test-support/host.ts';
import { sweepMarker } from './processes.ts';

/** Pids above the highest of the kernel: a kill of them finds no process. */
function fakeProc(environments: Readonly<Record<string, string>>): string {
  const root = makeWorkspace();
  for (const [pid, environ] of Object.entries(environments)) {
    mkdirSync(join(root, pid));
    writeFileSync(join(root, pid, 'environ'), environ);
  }
  return root;
}

test('a host without /proc, and processes that end meanwhile, are no error', async () => {
  expect(await sweepMarker('/data/rack-1/7', '/no/such/folder')).toEqual([]);
  const proc = fakeProc({ 99999999: 'QGJOB_CHILD=/data/rack-1/7/x\0PATH=/bin\0' });
  expect(await sweepMarker('/data/rack-1/7', proc)).toEqual([]);
});

test('this process is never swept, whatever its environment says', async () => {
  const proc = fakeProc({ [process.pid]: 'QGJOB_CHILD=/data/rack-1/7\0' });
  expect(await sweepMarker('/data/rack-1/7', proc)).toEqual([]);
});

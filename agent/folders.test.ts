import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { removeFolder } from './folders.ts';
import { makeWorkspace } from './test-support/host.ts';

const isRoot = process.getuid?.() === 0;

/** The first calls find what a process that is just ending has made meanwhile. */
const hinderedRm = (calls: number): string => `#!/bin/sh
echo x >> "$(dirname "$0")/calls"
[ "$(wc -l < "$(dirname "$0")/calls")" -gt ${calls} ] && exec /bin/rm "$@"
echo "rm: cannot remove '$3': Directory not empty" >&2
exit 1
`;

function hinder(calls: number): { folder: string; calls: () => string } {
  const root = makeWorkspace({ 'bin/rm': hinderedRm(calls), 'folder/file': '' });
  chmodSync(join(root, 'bin/rm'), 0o755);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('PATH', `${join(root, 'bin')}:/usr/bin:/bin`);
  return { folder: join(root, 'folder'), calls: () => readFileSync(join(root, 'bin/calls'), 'utf8') };
}

test.runIf(isRoot)('root removes a folder that is not empty yet when it is tried first', async () => {
  const { folder, calls } = hinder(2);
  await removeFolder(folder);
  expect([existsSync(folder), calls()]).toEqual([false, 'x\nx\nx\n']);
});

test.runIf(isRoot)('a folder that stays is tried three times, and then says why', async () => {
  const { folder, calls } = hinder(3);
  await expect(removeFolder(folder)).rejects.toThrow('Directory not empty');
  expect([existsSync(folder), calls()]).toEqual([true, 'x\nx\nx\n']);
});

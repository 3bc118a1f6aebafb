import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clear } from '../test-support/clear.ts';
import { deadPid, makeWorkspace } from '../test-support/host.ts';
import { noteOutside } from './outside-files.ts';

const generated = `.qgjob.${randomUUID()}.config.ts`;

test.each([
  ['this version', 'lease-1/l'],
  ['the version before', 'lease-1'],
])('what a dead agent of %s left is removed, with the files that it noted elsewhere', async (_, place) => {
  const root = makeWorkspace({ [generated]: '', 'playwright.config.ts': '' });
  const lease = join(root, '.qgjob/agent/rack-1', deadPid(), place);
  mkdirSync(join(lease, 'job_1/artifacts'), { recursive: true });
  await noteOutside(lease, [join(root, generated), join(root, 'gone-already')]);
  expect(await clear(root)).toEqual([]);
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
  expect(existsSync(join(root, generated))).toBe(false);
  expect(existsSync(join(root, 'playwright.config.ts'))).toBe(true);
});

test('a live process of the same name, agents of other names and strange files are left alone', async () => {
  const root = makeWorkspace();
  const home = join(root, '.qgjob/agent');
  const alive = join(home, 'rack-1', String(process.ppid));
  const other = join(home, 'rack-2', deadPid());
  for (const folder of [alive, other]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, 'rack-1/notes.txt'), '');
  expect(await clear(root)).toEqual([]);
  expect([existsSync(alive), existsSync(other), existsSync(join(home, 'rack-1/notes.txt'))]).toEqual([
    true,
    true,
    true,
  ]);
});

test('an earlier process of our own number is a dead one: in a container every start has the same', async () => {
  const root = makeWorkspace();
  const own = join(root, '.qgjob/agent/rack-1', String(process.pid));
  mkdirSync(own, { recursive: true });
  expect(await clear(root)).toEqual([]);
  expect(existsSync(own)).toBe(false);
});

test('the first start finds nothing', async () => {
  expect(await clear(makeWorkspace())).toEqual([]);
});

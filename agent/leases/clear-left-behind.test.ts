import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { makeWorkspace } from '../test-support/workspace.ts';
import { clearLeftBehind } from './clear-left-behind.ts';
import { noteOutside } from './lease-folder.ts';

const configIn = (root: string) => readConfig({ token: 'a-token', name: 'rack-1' }, root, {});
const deadPid = (): string => String(spawnSync('true').pid);

test('what a dead process of this agent left is removed, with the files that it noted elsewhere', async () => {
  const root = makeWorkspace({ '.qgjob.lse_1.config.ts': '', 'playwright.config.ts': '' });
  const lease = join(root, '.qgjob/agent/rack-1', deadPid(), 'lse_1');
  mkdirSync(join(lease, 'job_1/artifacts'), { recursive: true });
  await noteOutside(lease, [join(root, '.qgjob.lse_1.config.ts'), join(root, 'gone-already')]);
  await clearLeftBehind(configIn(root));
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
  expect(existsSync(join(root, '.qgjob.lse_1.config.ts'))).toBe(false);
  expect(existsSync(join(root, 'playwright.config.ts'))).toBe(true);
});

test('a live process of the same name, agents of other names and strange files are left alone', async () => {
  const root = makeWorkspace();
  const home = join(root, '.qgjob/agent');
  const alive = join(home, 'rack-1', String(process.ppid));
  const other = join(home, 'rack-2', deadPid());
  for (const folder of [alive, other]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, 'rack-1/notes.txt'), '');
  await clearLeftBehind(configIn(root));
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
  await clearLeftBehind(configIn(root));
  expect(existsSync(own)).toBe(false);
});

test('the first start finds nothing', async () => {
  await expect(clearLeftBehind(configIn(makeWorkspace()))).resolves.toBeUndefined();
});

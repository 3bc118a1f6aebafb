import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { programEnv } from './support/built-cli.ts';
import { npm, npmPack } from './support/pack.ts';
import { makeFolder } from './support/processes.ts';
import { tempFolder } from './support/queue.ts';

const files = {
  'package.json': '{ "name": "empty", "private": true }',
  'tests/good.spec.js': "console.log('all is well');",
  'tests/bad.spec.js': "throw new Error('the button is missing');",
  // Its tests need no packages: the lock file that the install leaves is no reason to install all of them for a lease.
  'qgjob.agent.json': JSON.stringify({
    setup: [],
    frameworks: { default: 'command', command: { test: ['node', '{test}'] } },
  }),
};

/** An empty folder with the package in it, as a tarball brings it. */
function install() {
  const cwd = makeFolder(files);
  const tarballs = join(tempFolder(), 'packed');
  mkdirSync(tarballs);
  npm(['install', '--no-audit', '--no-fund', join(tarballs, npmPack(tarballs).filename)], cwd);
  const env = programEnv(cwd, { PATH: `${process.env.PATH}`, npm_config_offline: 'true' });
  return {
    cwd,
    env,
    npx: (...args: string[]) => spawnSync('npx', ['qgjob', ...args], { cwd, env, encoding: 'utf8' }),
  };
}

test('installed in an empty folder, `npx qgjob dev` and one submit give a verdict', async () => {
  const { cwd, env, npx } = install();
  expect(npx('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const dev = spawn('npx', ['qgjob', 'dev', '--port', '0'], {
    ...{ cwd, env, detached: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(dev, 'exit');
  onTestFinished(() => {
    if (dev.exitCode === null && dev.signalCode === null && dev.pid) process.kill(-dev.pid, 'SIGKILL');
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text;
      if (/Ctrl-C ends both/.test(said)) resolve();
    };
    dev.stdout.on('data', hear);
    dev.stderr.on('data', hear);
    ended.then(() => reject(new Error(said)));
  });
  const submit = ['submit', '--org-id=demo', '--app-version-id=v1', '--retry-failed-tests=0', '--wait'];
  const good = npx(...submit, '--test=tests/good.spec.js');
  expect(good.status, good.stdout + good.stderr).toBe(0);
  const bad = npx(...submit, '--test=tests/bad.spec.js');
  expect(bad.status, bad.stdout + bad.stderr).toBe(1);
  // As Ctrl-C does, to the whole group.
  if (dev.pid) process.kill(-dev.pid, 'SIGINT');
  await ended;
});

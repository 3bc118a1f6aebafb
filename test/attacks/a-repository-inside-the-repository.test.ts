import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGitSource } from '../../client/read-git-source.ts';
import { makeFolder } from '../support/processes.ts';

const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

const options = { env: { PATH: process.env.PATH ?? '', HOME: tmpdir() } };

/** A checkout with one commit. */
function makeCheckout(): { root: string; sha: string } {
  const root = makeFolder({ 'tests/a.sh': 'exit 1' });
  git(root, 'init', '--quiet', '--initial-branch=main');
  git(root, 'remote', 'add', 'origin', 'https://git.example.com/acme/app.git');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '-m', 'real');
  return { root, sha: git(root, 'rev-parse', 'HEAD') };
}

/** Turns a folder into what git takes for a bare repository: its HEAD is the commit of whoever wrote it. */
function plantBare(folder: string, settings: string): string {
  const other = makeFolder({ 'a.sh': 'exit 0' });
  git(other, 'init', '--quiet', '--initial-branch=main');
  git(other, 'add', '.');
  git(other, 'commit', '--quiet', '-m', 'green');
  execFileSync('cp', ['-R', `${join(other, '.git')}/.`, folder]);
  writeFileSync(join(folder, 'config'), settings);
  return git(other, 'rev-parse', 'HEAD');
}

const bare = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';

test.each([
  ['plain', bare],
  ['with a working tree of its own', `${bare}\tworktree = ..\n`.replace('bare = true', 'bare = false')],
])('a folder of tests that is a bare repository, %s, chooses no commit', async (_what, settings) => {
  const { root, sha } = makeCheckout();
  const tests = join(root, 'tests');
  const planted = plantBare(tests, settings);
  // Git by itself would take it.
  expect(git(tests, 'rev-parse', 'HEAD')).toBe(planted);
  await expect(readGitSource(tests, ['a.sh'], options)).rejects.toThrow(/cannot use bare repository/);
  expect(await readGitSource(root, ['tests/a.sh'], options)).toMatchObject({ source: { sha } });
});

test('programs that the settings of a checkout name are not run', async () => {
  const { root } = makeCheckout();
  const proof = join(root, 'ran');
  const program = join(root, 'evil.sh');
  writeFileSync(program, `#!/bin/sh\ntouch '${proof}'\n`, { mode: 0o755 });
  git(root, 'config', 'core.fsmonitor', program);
  mkdirSync(join(root, 'hooks'));
  writeFileSync(join(root, 'hooks/post-index-change'), `#!/bin/sh\ntouch '${proof}'\n`, { mode: 0o755 });
  git(root, 'config', 'core.hooksPath', join(root, 'hooks'));
  await readGitSource(root, ['tests/a.sh'], options);
  expect(existsSync(proof)).toBe(false);
  // Git by itself would run it.
  git(root, 'status');
  expect(existsSync(proof)).toBe(true);
});

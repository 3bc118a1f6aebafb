import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readGitSource } from './read-git-source.ts';

const env = { PATH: `${process.env.PATH}`, HOME: tmpdir() };

function makeRepository(files: readonly string[], remote?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-git-source-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
      stdio: 'pipe',
    });
  git('init', '--quiet');
  if (remote !== undefined) git('remote', 'add', 'origin', remote);
  git('add', '--all');
  git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', 'all');
  return folder;
}

const read = (folder: string, tests: string[]) => readGitSource(folder, tests, { env });

test('names the commit, the folder in it, and where it comes from, without credentials', async () => {
  const folder = makeRepository(['e2e/a.spec.ts', 'b.ts'], 'https://me:s3cret@git.example.org/acme/app.git');
  expect(await read(join(folder, 'e2e'), ['a.spec.ts'])).toEqual({
    source: {
      kind: 'git',
      repository: 'https://git.example.org/acme/app.git',
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
      subdir: 'e2e',
    },
    isChanged: false,
  });
});

test('an address of ssh stays as it is, a folder becomes an address, and changes are noticed', async () => {
  const ssh = makeRepository(['a.spec.ts'], 'git@git.example.org:acme/app.git');
  writeFileSync(join(ssh, 'a.spec.ts'), 'changed');
  expect(await read(ssh, ['a.spec.ts'])).toMatchObject({
    source: { repository: 'git@git.example.org:acme/app.git' },
    isChanged: true,
  });
  const secret = makeRepository(['a.spec.ts'], 'ssh://git:s3cret@git.example.org/acme/app');
  expect((await read(secret, ['a.spec.ts'])).source.repository).toBe('ssh://git@git.example.org/acme/app');
  const local = makeRepository(['a.spec.ts'], '/srv/git/app.git');
  expect((await read(local, ['a.spec.ts'])).source.repository).toBe('file:///srv/git/app.git');
});

test.each<[what: string, make: () => string, says: RegExp]>([
  [
    'a test that is not committed',
    () => {
      const folder = makeRepository(['a.ts'], 'https://git.example.org/a');
      writeFileSync(join(folder, 'new.spec.ts'), '');
      return folder;
    },
    /^the commit [0-9a-f]{12} does not have the test new\.spec\.ts: commit and push it$/,
  ],
  [
    'a repository without a remote',
    () => makeRepository(['new.spec.ts']),
    /^this repository has no remote "origin"/,
  ],
  [
    'a folder without a repository',
    () => {
      const folder = makeRepository(['new.spec.ts']);
      rmSync(join(folder, '.git'), { recursive: true });
      return folder;
    },
    /^git cannot read the commit of /,
  ],
])('%s is refused in words', async (_what, make, says) => {
  await expect(read(make(), ['new.spec.ts'])).rejects.toThrow(says);
});

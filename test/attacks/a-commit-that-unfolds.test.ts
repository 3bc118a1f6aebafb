import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layOut } from '../../agent/sources/lay-out-commit.ts';
import { makeWorkspace } from '../../agent/test-support/host.ts';

/** A bare repository with a commit of few objects, whose folders have the same folder ten times, eight levels down. */
function makeBomb(): { repository: string; sha: string; to: string } {
  const base = makeWorkspace();
  const [repository, to] = [join(base, 'bomb.git'), join(base, 'to')];
  mkdirSync(to);
  execFileSync('git', ['init', '--quiet', '--bare', repository]);
  const git = (input: string, ...words: string[]): string =>
    execFileSync('git', ['--git-dir', repository, ...words], {
      input,
      encoding: 'utf8',
      env: { ...process.env, ...author },
    }).trim();
  const names = Array.from({ length: 10 }, (_, n) => `a-name-that-is-not-short-${n}`);
  const treeOf = (mode: string, kind: string, id: string): string =>
    git(names.map((name) => `${mode} ${kind} ${id}\t${name}\n`).join(''), 'mktree');
  let tree = treeOf('100644', 'blob', git('', 'hash-object', '-w', '--stdin'));
  for (let level = 0; level < 8; level += 1) tree = treeOf('040000', 'tree', tree);
  return { repository, to, sha: git('', 'commit-tree', tree, '-m', 'small') };
}

const author = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'somebody'],
    [`GIT_${who}_EMAIL`, 'somebody@example.com'],
  ]),
);

test('a small commit with files without end is rejected, so no other host tries it, and none is written', async () => {
  const bomb = makeBomb();
  const signal = new AbortController().signal;
  const failure = await layOut(bomb, { env: { PATH: process.env.PATH ?? '' }, signal });
  expect(failure).toMatchObject({
    class: 'rejected',
    why: expect.stringContaining('has more than 100000 files'),
  });
  expect(readdirSync(bomb.to)).toEqual([]);
});

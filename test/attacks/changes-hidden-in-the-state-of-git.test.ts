import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../agent/config.ts';
import { refuseWorkspace } from '../../agent/sources/check-workspace.ts';
import { makeWorkspace } from '../../agent/test-support/host.ts';

type Hide = (root: string, git: (...words: string[]) => string) => void;

const spec = 'tests/a.spec.ts';

/** Gives a file another text of the same length, at the time that it had. */
function rewrite(root: string): void {
  const { atime, mtime } = statSync(join(root, spec));
  writeFileSync(join(root, spec), 'fine()');
  utimesSync(join(root, spec), atime, mtime);
}

const hidden: [what: string, hide: Hide, path: string][] = [
  [
    'a new file that .git/info/exclude names',
    (root) => {
      writeFileSync(join(root, 'tests/new.spec.ts'), '');
      appendFileSync(join(root, '.git/info/exclude'), 'tests/new.spec.ts\n');
    },
    'tests/new.spec.ts',
  ],
  [
    'a new file that core.excludesFile of the repository ignores',
    (root, git) => {
      writeFileSync(join(root, 'tests/new.spec.ts'), '');
      writeFileSync(join(root, '.git/more'), 'tests/new.spec.ts\n');
      git('config', 'core.excludesFile', join(root, '.git/more'));
    },
    'tests/new.spec.ts',
  ],
  [
    'a change, with another working tree in the settings',
    (root, git) => {
      const clean = makeWorkspace();
      cpSync(root, clean, { recursive: true, filter: (path) => !/\.git$|node_modules$/.test(path) });
      git('config', 'core.worktree', clean);
      writeFileSync(join(root, spec), 'another');
    },
    spec,
  ],
  [
    'a change of the same length and time, with settings that look no further',
    (root, git) => {
      git('config', 'core.trustctime', 'false');
      git('config', 'core.checkStat', 'minimal');
      utimesSync(join(root, spec), 1, 1);
      git('update-index', '--refresh');
      rewrite(root);
    },
    spec,
  ],
  [
    'a change that the index calls the commit’s',
    (root, git) => {
      rewrite(root);
      git('update-index', '--assume-unchanged', spec);
    },
    spec,
  ],
  [
    'a change that an attribute takes back',
    (root, git) => {
      // Git compares what it makes of a file in that encoding; Node reads the file as it is.
      appendFileSync(join(root, '.git/info/attributes'), `${spec} working-tree-encoding=UTF-16LE\n`);
      writeFileSync(join(root, spec), Buffer.from('fail()', 'utf16le'));
      git('add', spec);
    },
    spec,
  ],
];

test.each(hidden)('%s is found', async (_what, hide, path) => {
  const root = makeWorkspace({ [spec]: 'fail()', '.gitignore': 'ignored\nnode_modules\n' });
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
      encoding: 'utf8',
    });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'all');
  const sha = git('rev-parse', 'HEAD').trim();
  const config = readConfig({ token: 'x' }, root, { PATH: process.env.PATH, HOME: root });
  expect(await refuseWorkspace(config, sha)).toBeUndefined();
  mkdirSync(join(root, '.git/info'), { recursive: true });
  hide(root, git);
  // Git itself sees nothing.
  expect(git('status', '--porcelain')).not.toContain(path);
  expect(await refuseWorkspace(config, sha)).toMatch(`are not those of commit ${sha}: `);
  expect(await refuseWorkspace(config, sha)).toContain(path);
});

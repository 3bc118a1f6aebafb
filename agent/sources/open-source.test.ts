import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Source } from '../../protocol/shapes/origin.ts';
import { type AgentConfig, readConfig } from '../config.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { refuseWorkspace } from './check-workspace.ts';
import { openSource, refuseTest } from './open-source.ts';

const token = 'the-token-of-the-agent';
const files = { 'tests/a.spec.ts': '', 'tests/a+b (1).spec.ts': '', '-x.sh': '' };

const noPath = /^the test path ".*" cannot be: a test path (?:must|has)/;
const refused: [path: string, why: string | RegExp | undefined][] = [
  ['tests/a.spec.ts', undefined],
  ['tests/./a.spec.ts', undefined],
  ['tests/a+b (1).spec.ts', undefined],
  ['-x.sh', undefined],
  ['tests/link-inside.ts', undefined],
  ['tests/none.ts', "there is no test file tests/none.ts in the agent's workspace"],
  ['tests', 'tests is not a file'],
  ['', noPath],
  ['../outside.ts', noPath],
  ['tests/../tests/a.spec.ts', noPath],
  ['tests/../../outside.ts', noPath],
  ['/etc/passwd', noPath],
  ['tests\\a.spec.ts', noPath],
  ['tests/a.spec.ts\u0000', noPath],
  ['tests/a.spec.ts\u001b[2J', noPath],
  ['tests/a.spec.ts\n', noPath],
  ['tests/\u202ea.spec.ts', noPath],
  [' tests/a.spec.ts', noPath],
  ['a'.repeat(600), noPath],
  ['C:/tests/a.spec.ts', 'the test path C:/tests/a.spec.ts names a disk'],
  ['c:a.spec.ts', 'the test path c:a.spec.ts names a disk'],
  [`tests/${'a'.repeat(300)}`, /^there is no test file tests\/a+… in/],
  ['tests/link-outside.ts', 'the test path tests/link-outside.ts leads out of the workspace'],
  ['folder-outside/passwd', 'the test path folder-outside/passwd leads out of the workspace'],
  ['tests/circle', "there is no test file tests/circle in the agent's workspace"],
  ['tests/pipe', 'tests/pipe is not a file'],
];

test.each(refused)('the path "%s": %s', async (path, why) => {
  const root = makeWorkspace(files);
  symlinkSync('a.spec.ts', join(root, 'tests/link-inside.ts'));
  symlinkSync('/etc/passwd', join(root, 'tests/link-outside.ts'));
  symlinkSync('/etc', join(root, 'folder-outside'));
  symlinkSync('circle', join(root, 'tests/circle'));
  execFileSync('mkfifo', [join(root, 'tests/pipe')]);
  const shown = await refuseTest(root, path);
  if (why instanceof RegExp) expect(shown).toMatch(why);
  else expect(shown).toBe(why);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be shown
  expect(shown ?? '').not.toMatch(/[\u0000-\u001f\u202e]/);
});

test('a workspace that is reached by a link is a workspace like any other', async () => {
  const root = makeWorkspace(files);
  const link = join(makeWorkspace(), 'link');
  symlinkSync(root, link);
  expect(await refuseTest(link, 'tests/a.spec.ts')).toBeUndefined();
});

/** A repository with one commit. */
function makeRepository(): { root: string; sha: string } {
  const root = makeWorkspace(files);
  const settings = ['user.name=a', 'user.email=a@example.org', 'commit.gpgsign=false'];
  const flags = ['-C', root, ...settings.flatMap((setting) => ['-c', setting])];
  const git = (...words: string[]) => execFileSync('git', [...flags, ...words], { encoding: 'utf8' });
  git('init', '--quiet');
  writeFileSync(join(root, '.gitignore'), 'node_modules\nignored\n');
  git('add', '.');
  git('commit', '--quiet', '--message', root);
  return { root, sha: git('rev-parse', 'HEAD').trim() };
}

const host = { PATH: process.env.PATH };
const rejected = (why: unknown) => ({ failure: { class: 'rejected', why } });

const never = () => Promise.reject(new Error('a workspace fetches nothing'));
const open = (source: Source | undefined, config: AgentConfig) =>
  openSource(source, config, makeWorkspace(), { bundle: never, commit: never }, new AbortController().signal);

test('a workspace at the commit that a run asks for is taken', async () => {
  const { root, sha } = makeRepository();
  const config = readConfig({ token }, root, host);
  expect(await open({ kind: 'workspace', sha }, config)).toEqual({ root });
});

test('a workspace at another commit is rejected, with both commits and what to do', async () => {
  const { root, sha } = makeRepository();
  const other = 'b'.repeat(40);
  expect(await open({ kind: 'workspace', sha: other }, readConfig({ token }, root, host))).toEqual(
    rejected(
      `the agent's workspace is at commit ${sha}, the run asks for ${other}: check that commit out on the agent's host`,
    ),
  );
});

test('a workspace without a repository is rejected where a commit is asked for', async () => {
  const root = makeWorkspace();
  const config = readConfig({ token }, root, { ...host, HOME: root });
  const opened = await open({ kind: 'workspace', sha: 'c'.repeat(40) }, config);
  expect(opened).toEqual(rejected(expect.stringMatching(/git cannot tell .* not a git repository/)));
});

test('a folder that looks like a bare repository does not choose the commit that is compared', async () => {
  const { root, sha } = makeRepository();
  const other = makeRepository();
  mkdirSync(join(root, 'suite'));
  // A test could write this: the content of a `.git` at the commit that the next run asks for.
  cpSync(join(other.root, '.git'), join(root, 'suite'), { recursive: true });
  const config = { ...readConfig({ token }, root, host), workspace: join(root, 'suite') };
  const plain = execFileSync('git', ['-C', join(root, 'suite'), 'rev-parse', 'HEAD'], { encoding: 'utf8' });
  expect([plain.trim(), sha === other.sha]).toEqual([other.sha, false]);
  expect(await open({ kind: 'workspace', sha: other.sha }, config)).toEqual(
    rejected(expect.stringMatching(/git cannot tell .* cannot use bare repository/)),
  );
});

test('a workspace inside of a repository is at its commit; variables that name another one do not count', async () => {
  const { root, sha } = makeRepository();
  const other = makeRepository();
  const config = { ...readConfig({ token }, root, host), workspace: join(root, 'tests') };
  const childEnv = { ...config.childEnv, GIT_DIR: join(other.root, '.git') };
  expect(await refuseWorkspace({ ...config, childEnv }, sha)).toBeUndefined();
});

test('a program that the settings of a repository name is not run', async () => {
  const { root, sha } = makeRepository();
  const touch = `touch ${join(root, 'ran')}; cat`;
  writeFileSync(join(root, '.git/info/attributes'), '* filter=own\n');
  for (const key of ['core.fsmonitor', 'filter.own.clean', 'filter.own.process', 'filter.other.clean'])
    execFileSync('git', ['-C', root, 'config', key, touch]);
  // Of another time: git must read it again to know whether it has changed.
  utimesSync(join(root, 'tests/a.spec.ts'), 1, 1);
  expect(await refuseWorkspace(readConfig({ token }, root, host), sha)).toBeUndefined();
  expect(existsSync(join(root, 'ran'))).toBe(false);
});

const changes: [what: string, path: string, text: string][] = [
  ['a change', 'tests/a.spec.ts', 'another'],
  ['a new file', 'tests/new.spec.ts', ''],
  ['a file outside of the workspace', 'playwright.config.ts', ''],
];

test.each(changes)(
  'a workspace with %s is not that commit, unless the settings allow it',
  async (_what, path, text) => {
    const { root, sha } = makeRepository();
    writeFileSync(join(root, path), text);
    const config = { ...readConfig({ token }, root, host), workspace: join(root, 'tests') };
    expect(await open({ kind: 'workspace', sha }, config)).toEqual(
      rejected(
        `files of the agent's workspace are not those of commit ${sha}: ${path}. Commit, ignore or remove them, or allow it with "dirty": true in the agent's settings`,
      ),
    );
    expect(await open({ kind: 'workspace', sha }, { ...config, allowDirty: true })).toEqual({
      root: join(root, 'tests'),
    });
  },
);

test.each(['--assume-unchanged', '--skip-worktree'])(
  'a file that git was told not to look at (%s) is not believed',
  async (mark) => {
    const { root, sha } = makeRepository();
    execFileSync('git', ['-C', root, 'update-index', mark, 'tests/a.spec.ts']);
    writeFileSync(join(root, 'tests/a.spec.ts'), 'another');
    const why = await refuseWorkspace(readConfig({ token }, root, host), sha);
    expect(why).toContain(`are not those of commit ${sha}: tests/a.spec.ts.`);
  },
);

test("a change that is staged, a file that is gone and one that git ignores; the agent's own files do not count", async () => {
  const { root, sha } = makeRepository();
  for (const path of ['ignored', 'qgjob.agent.json', '.qgjob.0c7e8a1c-e58b-4d3e-9d3a-d0b6a1d2a1b3.config.ts'])
    writeFileSync(join(root, path), '{}');
  mkdirSync(join(root, '.qgjob/agent'), { recursive: true });
  writeFileSync(join(root, '.qgjob/agent/lock'), '');
  const config = readConfig({ token }, root, host);
  expect(await refuseWorkspace(config, sha)).toBeUndefined();
  rmSync(join(root, '-x.sh'));
  execFileSync('git', ['-C', root, 'mv', 'tests/a.spec.ts', 'tests/b.spec.ts']);
  expect(await refuseWorkspace(config, sha)).toMatch(
    /: -x\.sh, tests\/a\.spec\.ts, tests\/b\.spec\.ts\. Commit/,
  );
});

test('without a commit the workspace is taken as it is', async () => {
  const root = makeWorkspace();
  const config = readConfig({ token }, root, host);
  expect(await open(undefined, config)).toEqual({ root });
  expect(await open({ kind: 'workspace' }, config)).toEqual({ root });
});

test('a folder of the configuration is the workspace, the folder of the file is not', async () => {
  const root = makeWorkspace({
    'qgjob.agent.json': '{"sources": {"workspace": "suite"}}',
    'suite/a.sh': '',
  });
  expect(await open(undefined, readConfig({ token }, root, host))).toEqual({
    root: join(root, 'suite'),
  });
});

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Source } from '../../protocol/shapes/run.ts';
import { type AgentConfig, readConfig } from '../config.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { openSource, refuseCommit, refuseTest } from './open-source.ts';

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
  git('commit', '--quiet', '--allow-empty', '--message', root);
  return { root, sha: git('rev-parse', 'HEAD').trim() };
}

const host = { PATH: process.env.PATH };
const rejected = (why: unknown) => ({ failure: { class: 'rejected', why } });

const open = (source: Source | undefined, config: AgentConfig) =>
  openSource(source, config, makeWorkspace(), () =>
    Promise.reject(new Error('a workspace fetches no bundle')),
  );

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
  const env = { PATH: `${host.PATH}`, GIT_DIR: join(other.root, '.git') };
  expect(await refuseCommit(join(root, 'tests'), sha, env)).toBeUndefined();
});

test('a program that the settings of a repository name is not run', async () => {
  const { root, sha } = makeRepository();
  const touch = `touch ${join(root, 'ran')}`;
  execFileSync('git', ['-C', root, 'config', 'core.fsmonitor', touch]);
  expect(await refuseCommit(root, sha, { PATH: `${host.PATH}` })).toBeUndefined();
  expect(existsSync(join(root, 'ran'))).toBe(false);
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

test('a source that comes with a later version is rejected by name', async () => {
  const config = readConfig({ token }, makeWorkspace(), host);
  const source = { kind: 'git', repository: 'https://example.org/a', sha: 'd'.repeat(40) } as const;
  expect(await open(source, config)).toEqual(
    rejected(
      "source git comes with a later version; this version runs bundles and the agent's own workspace",
    ),
  );
});

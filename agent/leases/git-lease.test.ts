import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Source } from '../../protocol/shapes/origin.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../test-support/start-agent.ts';

interface Forge {
  /** Where commits are fetched from: a bare repository. */
  readonly repository: string;
  readonly bare: string;
  /** Writes files, commits them and pushes. Answers the commit. */
  commit(files: Readonly<Record<string, string>>, before?: (work: string) => void): string;
}

/** A repository, and who commits to it. */
function makeForge(): Forge {
  const base = join(makeWorkspace(), 'forge');
  const [work, bare] = [join(base, 'work'), join(base, 'app.git')];
  mkdirSync(work, { recursive: true });
  const settings = [
    'user.name=a',
    'user.email=a@example.org',
    'commit.gpgsign=false',
    'core.hooksPath=/dev/null',
  ];
  const flags = ['-C', work, ...settings.flatMap((setting) => ['-c', setting])];
  const git = (...words: string[]) => execFileSync('git', [...flags, ...words], { encoding: 'utf8' }).trim();
  git('init', '--quiet', '--bare', bare);
  git('init', '--quiet', '--initial-branch=main');
  return {
    repository: `file://${bare}`,
    bare,
    commit: (files, before) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true });
        writeFileSync(join(work, path), text);
      }
      before?.(work);
      git('add', '--all');
      git('commit', '--quiet', '--message', 'tests');
      git('push', '--quiet', '--force', bare, 'HEAD:main');
      return git('rev-parse', 'HEAD');
    },
  };
}

const start = (repository: string): Promise<TestAgent> =>
  startTestAgent({ settings: { sources: { git: { allow: [repository] } } } });

let granted = 0;
/** Runs `test.sh` of a commit. */
async function run({ server }: TestAgent, source: Omit<Extract<Source, { kind: 'git' }>, 'kind'>) {
  granted += 1;
  const job = leasedJob('test.sh', { job_id: `job_${granted}` });
  server.grant(leaseOf([job], { source: { kind: 'git', ...source } }));
  const { verdict, error, error_class } = await server.verdict(job.job_id);
  return { verdict, error, error_class, log: server.logOf(job.job_id) };
}

test('the files of a commit run, and nothing of another commit', async () => {
  const { repository, commit } = makeForge();
  const agent = await start(repository);
  const one = commit({ 'test.sh': 'cat word; ls -A | sort | xargs', word: 'one\n' });
  const two = commit({ word: 'two\n', new: '' });
  expect((await run(agent, { repository, sha: one })).log).toContain('one\ntest.sh word\n');
  expect((await run(agent, { repository, sha: two })).log).toContain('two\nnew test.sh word\n');
  expect((await run(agent, { repository, sha: one })).log).toContain('one\ntest.sh word\n');
});

test('a commit is fetched once, and its folder may be named', async () => {
  const { repository, bare, commit } = makeForge();
  const agent = await start(repository);
  const sha = commit({ 'suite/test.sh': 'cat ../above', above: 'from above' });
  expect((await run(agent, { repository, sha, subdir: 'suite' })).log).toContain('from above');
  rmSync(bare, { recursive: true });
  expect((await run(agent, { repository, sha, subdir: 'suite' })).log).toContain('from above');
  expect(await run(agent, { repository, sha, subdir: 'other' })).toMatchObject({
    error_class: 'rejected',
    error: 'the commit has no folder other',
  });
});

test('a commit and a repository that are not there are rejected, and what is kept stays', async () => {
  const { repository, bare, commit } = makeForge();
  const sha = commit({ 'test.sh': '' });
  const agent = await start(`${dirname(repository)}/*`);
  expect(await run(agent, { repository, sha: 'a'.repeat(40) })).toMatchObject({
    error_class: 'rejected',
    error: expect.stringContaining(`has no commit ${'a'.repeat(40)} that it gives out`),
  });
  const none = `${dirname(repository)}/none`;
  expect(await run(agent, { repository: none, sha })).toMatchObject({
    error_class: 'rejected',
    error: expect.stringContaining(`${none} is not there, or not for this agent: fatal: `),
  });
  expect(await run(agent, { repository, sha })).toMatchObject({ verdict: 'passed' });
  expect(await run(agent, { repository, sha: 'b'.repeat(40) })).toMatchObject({ error_class: 'rejected' });
  rmSync(bare, { recursive: true });
  expect(await run(agent, { repository, sha })).toMatchObject({ verdict: 'passed' });
});

test('a repository that is away is a matter of the host: another one may try', async () => {
  const repository = 'http://127.0.0.1:9/acme/app';
  const agent = await start(repository);
  expect(await run(agent, { repository, sha: 'a'.repeat(40) })).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringContaining(`${repository} could not be fetched: `),
  });
});

test('a linked folder with a link in it is refused by name', async () => {
  const { repository, commit } = makeForge();
  const agent = await start(repository);
  const sha = commit({ 'test.sh': '', 'data/extra.json': '', 'z/a': '' }, (work) => {
    symlinkSync('../data/extra.json', join(work, 'z/extra.json'));
    symlinkSync('z', join(work, 'shared'));
  });
  expect(await run(agent, { repository, sha })).toMatchObject({
    error_class: 'rejected',
    error: expect.stringContaining('shared is a link to a folder with a link in it (z/extra.json)'),
  });
});

test('a repository that the settings do not allow is not asked', async () => {
  const { repository, commit } = makeForge();
  const sha = commit({ 'test.sh': '' });
  const agent = await start('https://example.org/*');
  expect(await run(agent, { repository, sha })).toMatchObject({
    error_class: 'rejected',
    error: `the repository ${repository} is not one that this agent may fetch: sources.git.allow in its settings lists them`,
  });
  expect(existsSync(join(agent.root, '.qgjob/agent/.cache/repositories'))).toBe(false);
});

test('no filter and no hook is run', async () => {
  const { repository, commit } = makeForge();
  const agent = await start(repository);
  const touch = `touch ${join(agent.root, 'ran')}`;
  const filter = (name: string) => `[filter "${name}"]\n smudge = ${touch}\n process = ${touch}\n`;
  writeFileSync(
    join(agent.root, '.gitconfig'),
    `${filter('lfs')}[core]\n hooksPath = ${join(agent.root, 'hooks')}\n`,
  );
  mkdirSync(join(agent.root, 'hooks'));
  for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction']) {
    writeFileSync(join(agent.root, 'hooks', hook), `#!/bin/sh\n${touch}\n`);
    chmodSync(join(agent.root, 'hooks', hook), 0o755);
  }
  const sha = commit({ 'test.sh': 'cat large', large: 'a pointer', '.gitattributes': 'large filter=lfs\n' });
  expect((await run(agent, { repository, sha })).log).toContain('a pointer');
  expect(existsSync(join(agent.root, 'ran'))).toBe(false);
});

test('links inside are copies, others are left out', async () => {
  const { repository, commit } = makeForge();
  const agent = await start(repository);
  const links = {
    'to-file': 'word',
    'deep/to-folder': '../folder',
    'to-link': 'to-file',
    out: '../../etc',
    root: '/etc/passwd',
  };
  const more = { loop: 'loop', around: '.', none: 'nothing' };
  const sha = commit(
    {
      'test.sh': 'cat to-file deep/to-folder/a to-link; find . | sort | xargs',
      word: 'w\n',
      'folder/a': 'a\n',
    },
    (work) => {
      mkdirSync(join(work, 'deep'));
      for (const [path, target] of Object.entries({ ...links, ...more }))
        symlinkSync(target, join(work, path));
    },
  );
  expect((await run(agent, { repository, sha })).log).toContain(
    'w\na\nw\n. ./deep ./deep/to-folder ./deep/to-folder/a ./folder ./folder/a ./test.sh ./to-file ./to-link ./word\n',
  );
});

test('a fetched repository that a test has damaged is fetched anew, and never believed', async () => {
  const { repository, commit } = makeForge();
  const agent = await start(repository);
  const sha = commit({ 'test.sh': 'cat word', word: 'true\n' });
  expect((await run(agent, { repository, sha })).log).toContain('true');
  const kept = join(agent.root, '.qgjob/agent/.cache/repositories');
  const packs = join(kept, readdirSync(kept)[0] ?? '', 'git/objects/pack');
  for (const name of readdirSync(packs).filter((one) => one.endsWith('.pack'))) {
    chmodSync(join(packs, name), 0o644);
    truncateSync(join(packs, name), statSync(join(packs, name)).size - 30);
    appendFileSync(join(packs, name), 'x'.repeat(30));
  }
  expect((await run(agent, { repository, sha })).log).toContain('true');
});

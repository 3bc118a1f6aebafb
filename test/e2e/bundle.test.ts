import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Ended, makeFolder, runCli, startCli } from '../support/processes.ts';
import { writeFiles } from '../support/workspace-files.ts';

interface BundleLab {
  /** The agent's own folder: none of the tests lie there. */
  readonly cwd: string;
  /** Submits tests of a folder as a bundle and waits. */
  submit(folder: string, ...args: string[]): Promise<Ended>;
}

/** A server and an agent with one device; `setup` is the agent's set-up command. */
async function startBundleLab(setup?: readonly string[]): Promise<BundleLab> {
  const settings = JSON.stringify({
    name: 'rack',
    ...(setup && { setup }),
    devices: [{ driver: 'simulated', target: 'emulator' }],
    frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
  });
  const cwd = makeFolder({ 'qgjob.agent.json': settings });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  await startCli(['agent'], { cwd }).sees(/agent rack serves/);
  const flags = ['--org-id=acme', '--app-version-id=v1', '--retry-failed-tests=0', '--wait'];
  return {
    cwd,
    submit: (folder, ...args) =>
      runCli(['submit', ...flags, `--data-dir=${join(cwd, '.qgjob')}`, ...args], {
        cwd: folder,
        env: { HOME: cwd },
      }),
  };
}

function git(folder: string, ...words: string[]): void {
  const settings = ['user.name=a', 'user.email=a@example.org', 'commit.gpgsign=false'];
  execFileSync('git', ['-C', folder, ...settings.flatMap((one) => ['-c', one]), ...words], { stdio: 'pipe' });
}

/** A repository with these files, committed. */
function makeRepository(files: Readonly<Record<string, string>>): string {
  const folder = makeFolder(files);
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'all');
  return folder;
}

test('a run is judged by the code of its own folder, changed files included', async () => {
  const lab = await startBundleLab();
  const folder = makeRepository({
    'e2e/a.sh': '. ../lib/help.sh; test "$WORD" = good',
    'lib/help.sh': 'WORD=good',
  });
  const first = await lab.submit(join(folder, 'e2e'), '--test=a.sh');
  expect(first, first.stderr).toMatchObject({ code: 0 });
  expect(first.stderr).toMatch(/^source [0-9a-f]{12}: 2 files of \S+, 1 KiB packed$/m);

  writeFileSync(join(folder, 'lib/help.sh'), 'WORD=bad');
  expect(await lab.submit(join(folder, 'e2e'), '--test=a.sh')).toMatchObject({ code: 1 });

  git(folder, 'checkout', '--quiet', '.');
  const again = await lab.submit(join(folder, 'e2e'), '--test=a.sh');
  expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/, uploaded before$/m) });
});

test('what a test writes into its folder, its neighbour or its packages reaches no other run', async () => {
  const made = ['sh', '-c', 'mkdir -p node_modules/p && echo good > node_modules/p/word'];
  const lab = await startBundleLab(made);
  const spoil =
    'echo bad > word; echo bad > node_modules/p/word; echo "exit 1" > b.sh; test -e fresh && exit 1; touch fresh';
  const folder = makeRepository({
    'package-lock.json': '{}',
    word: 'good',
    'a.sh': spoil,
    'b.sh': 'test "$(cat word)" = good && test "$(cat node_modules/p/word)" = good',
  });
  expect(await lab.submit(folder, '--test=a.sh')).toMatchObject({ code: 0 });
  expect(await lab.submit(folder, '--test=b.sh')).toMatchObject({ code: 0 });
  expect(await lab.submit(folder, '--test=a.sh')).toMatchObject({ code: 0 });
});

test("a bundle does not find the packages of the agent's workspace", async () => {
  const lab = await startBundleLab([]);
  writeFiles(lab.cwd, { 'node_modules/dep/index.js': 'module.exports = 1' });
  const folder = makeRepository({ 'a.sh': `node -e "require('dep')"` });
  expect(await lab.submit(folder, '--test=a.sh')).toMatchObject({ code: 1 });
});

test('the lock file says how packages are set up', async () => {
  const lab = await startBundleLab();
  const lock = { name: 'suite', version: '1.0.0', lockfileVersion: 3, requires: true };
  const folder = makeRepository({
    'package.json': '{"name":"suite","version":"1.0.0","dependencies":{"own":"file:own"}}',
    'package-lock.json': JSON.stringify({
      ...lock,
      packages: {
        '': { name: 'suite', version: '1.0.0', dependencies: { own: 'file:own' } },
        'node_modules/own': { resolved: 'own', link: true },
        own: { version: '1.0.0' },
      },
    }),
    'own/package.json': '{"name":"own","version":"1.0.0","main":"index.js"}',
    'own/index.js': 'module.exports = 42',
    'e2e/a.sh': `node -e "process.exit(require('own') === 42 ? 0 : 1)"`,
  });
  for (const round of ['first', 'second']) {
    const ended = await lab.submit(join(folder, 'e2e'), '--test=a.sh');
    expect(ended, `${round}: ${ended.stdout}${ended.stderr}`).toMatchObject({ code: 0 });
  }
});

test('a set-up that fails rejects the jobs of its own bundle, with its last lines', async () => {
  const lab = await startBundleLab([
    'sh',
    '-c',
    'test -e good || { echo "no such package: left-pad" >&2; exit 3; }',
  ]);
  const folder = makeRepository({ 'package-lock.json': '{}', 'a.sh': '', 'b.sh': '' });
  const ended = await lab.submit(folder, '--test=a.sh,b.sh', '--json');
  expect(ended.code).toBe(1);
  const run = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(run).toMatchObject({ conclusion: 'failure', reason: 'rejected', counts: { errored: 2 } });
  expect(ended.stdout).toContain('no such package: left-pad');

  // The same app version with another bundle.
  writeFiles(folder, { good: '' });
  expect(await lab.submit(folder, '--test=a.sh,b.sh')).toMatchObject({ code: 0 });
});

test('a test that is not in the bundle is refused before anything is sent, with the reason', async () => {
  const lab = await startBundleLab();
  const folder = makeRepository({ 'a.sh': '', '.gitignore': 'ignored.sh\n' });
  writeFiles(folder, { 'ignored.sh': '' });
  symlinkSync('/etc/passwd', join(folder, 'out.sh'));
  expect(await lab.submit(folder, '--test=ignored.sh')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /the test ignored\.sh is not in the bundle: it is not there, or git or \.qgjobignore/,
    ),
  });
  expect(await lab.submit(folder, '--test=none.sh')).toMatchObject({ code: 2 });
});

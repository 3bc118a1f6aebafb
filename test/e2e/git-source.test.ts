import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, runCli, startCli } from '../support/processes.ts';

const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
const git = (folder: string, ...words: string[]) =>
  execFileSync('git', ['-C', folder, ...who, ...words], { stdio: 'pipe' });

/** A repository whose commit is at its remote, and the remote. */
function makeRepository(files: Readonly<Record<string, string>>): { clone: string; remote: string } {
  const [clone, remote] = [makeFolder(files), makeFolder({})];
  git(remote, 'init', '--quiet', '--bare');
  git(clone, 'init', '--quiet', '--initial-branch=main');
  git(clone, 'add', '--all');
  git(clone, 'commit', '--quiet', '--message', 'all');
  git(clone, 'remote', 'add', 'origin', remote);
  git(clone, 'push', '--quiet', 'origin', 'main');
  return { clone, remote };
}

/** A server, and an agent that may fetch from these repositories alone. */
async function startFarm(allow: readonly string[]) {
  const settings = {
    name: 'rack',
    devices: [{ driver: 'simulated', target: 'emulator' }],
    frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
    sources: { git: { allow } },
  };
  const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify(settings) });
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  await startCli(['agent'], { cwd }).sees(/agent rack serves/);
  const token = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  return { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
}

const flags = ['--org-id=acme', '--app-version-id=v1', '--source=git', '--test=hi.sh', '--wait'];

test('a submit names its commit, an agent fetches it, and the test has the values of the submit', async () => {
  const { clone, remote } = makeRepository({
    'e2e/hi.sh': 'grep -q committed word && [ "$QGJOB_PARAM_WORD" = hi ]',
    'e2e/word': 'committed',
  });
  const env = await startFarm([`file://${remote}`]);
  const cwd = join(clone, 'e2e');
  const sent = await runCli(['submit', ...flags, '--param=WORD=hi'], { cwd, env });
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringMatching(/source [0-9a-f]{12} of file:\/\//) });
  const other = await runCli(['submit', ...flags, '--param=WORD=ho'], { cwd, env });
  expect(other.code).toBe(1);
});

test('a repository that the agent may not fetch is rejected, and nothing is green', async () => {
  const { clone } = makeRepository({ 'hi.sh': 'exit 0' });
  const env = await startFarm(['https://git.example.org/acme/*']);
  const { code, stdout, stderr } = await runCli(['submit', ...flags], { cwd: clone, env });
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('sources.git.allow');
});

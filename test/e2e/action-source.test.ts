import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { tempFolder } from '../support/queue.ts';

const lab = useLab({ 'tests/one.sh': 'echo one' });

function git(folder: string, ...args: string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  return execFileSync('git', ['-C', folder, ...who, ...args], { encoding: 'utf8' }).trim();
}

function commitAll(folder: string): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q');
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'tests');
  return git(folder, 'rev-parse', 'HEAD');
}

const runOf = (result: Awaited<ReturnType<typeof runMain>>) =>
  lab().client.call('getRun', { params: { id: result.outputs['run-id'] ?? '' } });

let commit: string;
beforeAll(() => {
  commit = commitAll(lab().workspace);
});

/** The agent's own folder is what runs. */
const source = 'workspace';

test('an agent whose workspace stands at the commit of the checkout runs the tests', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(lab().workspace, checkout, { recursive: true });
  const result = await runMain(lab().step({ tests: 'tests/*.sh', source }, { workspace: checkout }));
  expect(result.log).toContain(`The agent's workspace must stand at commit ${commit}.`);
  expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
});

test('by default the checkout is what runs, wherever the agent stands', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(join(lab().workspace, 'tests'), join(checkout, 'apps/mobile/tests'), { recursive: true });
  commitAll(checkout);
  const inputs = { tests: 'tests/*.sh', 'working-directory': 'apps/mobile' };
  const good = await runMain(lab().step(inputs, { workspace: checkout }));
  expect(good.log).toMatch(/Source [0-9a-f]{64}: 1 file of \S+, 1 KiB packed/);
  expect(good).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });

  writeFileSync(join(checkout, 'apps/mobile/tests/one.sh'), 'echo broken; exit 1');
  const bad = await runMain(lab().step(inputs, { workspace: checkout }));
  expect(bad).toMatchObject({ code: 1, outputs: { conclusion: 'failure', failed: '1' } });
  const [annotation] = bad.commands.filter(({ name }) => name === 'error');
  expect(annotation?.properties.file).toBe('apps/mobile/tests/one.sh');
});

test('a workspace at another commit gives no verdict, and the annotation has the path in the repository', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(join(lab().workspace, 'tests'), join(checkout, 'apps/mobile/tests'), { recursive: true });
  writeFileSync(join(checkout, 'README.md'), 'another commit');
  const other = commitAll(checkout);
  const inputs = { tests: 'tests/one.sh', source, 'working-directory': 'apps/mobile' };
  const result = await runMain(lab().step(inputs, { workspace: checkout }));
  expect(result).toMatchObject({
    code: 1,
    outputs: { status: 'errored', conclusion: 'failure', errored: '1' },
  });
  const [annotation] = result.commands.filter(({ name }) => name === 'error');
  expect(annotation?.properties.file).toBe('apps/mobile/tests/one.sh');
  expect(annotation?.data).toContain(`is at commit ${commit}, the run asks for ${other}`);
});

test.each(['workflow_dispatch', 'workflow_run', 'issue_comment', 'schedule', 'merge_group'])(
  'on %s the app version is the commit that the workflow checked out, not that of the event',
  async (name) => {
    const result = await runMain(lab().step({ tests: 'tests/one.sh' }, { event: { name, payload: {} } }));
    expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
    expect((await runOf(result)).app_version_id).toBe(commit);
  },
);

test('on pull_request the app version is the head commit, and another checkout gets a warning', async () => {
  const head = '2'.repeat(40);
  const event = { name: 'pull_request', payload: { pull_request: { number: 7, head: { sha: head } } } };
  const warnings = (result: Awaited<ReturnType<typeof runMain>>) =>
    result.commands.filter((command) => command.name === 'warning').map(({ data }) => data);
  const merge = await runMain(lab().step({ tests: 'tests/one.sh' }, { event, env: { GITHUB_SHA: commit } }));
  expect((await runOf(merge)).app_version_id).toBe(head);
  expect(warnings(merge)).toEqual([]);
  const other = await runMain(lab().step({ tests: 'tests/one.sh' }, { event }));
  expect((await runOf(other)).app_version_id).toBe(head);
  expect(warnings(other)).toEqual([
    expect.stringContaining(`commit ${commit} is checked out, which is not of this`),
  ]);
});

test('a folder that looks like a repository of its own does not change the commit', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(lab().workspace, checkout, { recursive: true });
  mkdirSync(join(checkout, 'app/refs'), { recursive: true });
  mkdirSync(join(checkout, 'app/objects'), { recursive: true });
  writeFileSync(join(checkout, 'app/HEAD'), `${'3'.repeat(40)}\n`);
  writeFileSync(join(checkout, 'app/config'), '[core]\n\tbare = true\n');
  cpSync(join(checkout, 'tests'), join(checkout, 'app/tests'), { recursive: true });
  const inputs = { tests: 'tests/one.sh', source, 'working-directory': 'app', 'dry-run': 'true' };
  const result = await runMain(lab().step(inputs, { workspace: checkout }));
  expect(result.log).toContain(`must stand at commit ${commit}.`);
});

test('a report that is a link in the checkout is not written through', async () => {
  const [checkout, elsewhere] = [join(tempFolder(), 'checkout'), tempFolder()];
  cpSync(lab().workspace, checkout, { recursive: true });
  rmSync(join(checkout, 'qgjob-report'), { recursive: true, force: true });
  symlinkSync(elsewhere, join(checkout, 'qgjob-report'));
  const result = await runMain(lab().step({ tests: 'tests/one.sh' }, { workspace: checkout }));
  expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  expect(result.outputs).not.toHaveProperty('junit-path');
  expect(result.log).toContain('::warning::the report was not written: ');
  expect(readdirSync(elsewhere)).toEqual([]);
});

test('for a workspace a missing path is refused in a git checkout and submitted without one', async () => {
  const inputs = { tests: 'tests/away.sh', source, wait: 'false', target: 'device' };
  const known = await runMain(lab().step(inputs));
  expect(known.log).toContain('input tests: "tests/away.sh": matches no file in');
  expect(known.code).toBe(1);
  const unknown = await runMain(lab().step(inputs, { workspace: tempFolder() }));
  expect(unknown).toMatchObject({ code: 0, outputs: { total: '1' } });
  const bundle = await runMain(lab().step({ ...inputs, source: 'bundle' }, { workspace: tempFolder() }));
  expect(bundle).toMatchObject({
    code: 1,
    log: expect.stringContaining('"tests/away.sh": matches no file in'),
  });
});

test('what may hold a secret is not packed, and one line names it', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(join(lab().workspace, 'tests'), join(checkout, 'tests'), { recursive: true });
  commitAll(checkout);
  writeFileSync(join(checkout, 'gha-creds-1234.json'), '{}');
  writeFileSync(join(checkout, '.env'), 'PASSWORD=1');
  writeFileSync(join(checkout, 'tests/looks.sh'), 'test ! -e .env && test ! -e gha-creds-1234.json');
  const result = await runMain(lab().step({ tests: 'tests/looks.sh' }, { workspace: checkout }));
  expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  expect(result.log).toContain(
    '::warning::not packed: 2 files that may hold secrets and git does not track: .env, gha-creds-1234.json (',
  );
});

test('source git names the commit of the checkout and its remote; an agent that may not fetch it gives no verdict', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(join(lab().workspace, 'tests'), join(checkout, 'apps/mobile/tests'), { recursive: true });
  commitAll(checkout);
  git(checkout, 'remote', 'add', 'origin', 'https://git.example.org/acme/app');
  writeFileSync(join(checkout, 'apps/mobile/tests/one.sh'), 'echo changed');
  const inputs = { tests: 'tests/one.sh', source: 'git', 'working-directory': 'apps/mobile' };
  const result = await runMain(lab().step(inputs, { workspace: checkout }));
  expect(result.log).toContain('changes that are not committed are not part of this run');
  expect(result).toMatchObject({ code: 1, outputs: { status: 'errored', conclusion: 'failure' } });
  expect(result.log).toContain('https://git.example.org/acme/app');
  expect(result.log).toContain('sources.git.allow');
});

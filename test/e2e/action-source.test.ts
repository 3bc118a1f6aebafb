import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
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

let commit: string;
beforeAll(() => {
  commit = commitAll(lab().workspace);
});

test('an agent whose workspace stands at the commit of the checkout runs the tests', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(lab().workspace, checkout, { recursive: true });
  const result = await runMain(lab().step({ tests: 'tests/*.sh' }, { workspace: checkout }));
  expect(result.log).toContain(`The agent's workspace must stand at commit ${commit}.`);
  expect(result).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
});

test('a workspace at another commit gives no verdict, and the annotation stands in the repository', async () => {
  const checkout = join(tempFolder(), 'checkout');
  cpSync(join(lab().workspace, 'tests'), join(checkout, 'apps/mobile/tests'), { recursive: true });
  writeFileSync(join(checkout, 'README.md'), 'another commit');
  const other = commitAll(checkout);
  const inputs = { tests: 'tests/one.sh', 'working-directory': 'apps/mobile' };
  const result = await runMain(lab().step(inputs, { workspace: checkout }));
  expect(result).toMatchObject({
    code: 1,
    outputs: { status: 'errored', conclusion: 'failure', errored: '1' },
  });
  const [annotation] = result.commands.filter(({ name }) => name === 'error');
  expect(annotation?.properties.file).toBe('apps/mobile/tests/one.sh');
  expect(annotation?.data).toContain(`is at commit ${commit}, the run asks for ${other}`);
});

test('in a checkout a path that is not there is refused, without one the agent may have it', async () => {
  const inputs = { tests: 'tests/away.sh', wait: 'false', target: 'device' };
  const known = await runMain(lab().step(inputs));
  expect(known.log).toContain('input tests: no file matches "tests/away.sh"');
  expect(known.code).toBe(1);
  const unknown = await runMain(lab().step(inputs, { workspace: tempFolder() }));
  expect(unknown).toMatchObject({ code: 0, outputs: { total: '1' } });
});

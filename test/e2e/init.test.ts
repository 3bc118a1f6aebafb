import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, runCli } from '../support/processes.ts';

test('init writes settings, a workflow and the devices of this host, and never over what is there', async () => {
  const cwd = makeFolder({ 'e2e/cart.spec.ts': '', 'qgjob.agent.json': '{}' });
  const url = '--server-url=https://ci.example.com';
  const dry = await runCli(['init', url, '--dry-run'], { cwd });
  expect(dry.stdout).toContain('# .github/workflows/qgjob.yml\n');
  expect(await runCli(['init', url], { cwd })).toMatchObject({
    code: 0,
    stdout: 'qgjob.config.json\n.github/workflows/qgjob.yml\n',
    stderr: expect.stringMatching(
      /qgjob\.agent\.json is there already and stays[\s\S]*\nnext: `qgjob doctor`/,
    ),
  });
  expect(readFileSync(join(cwd, 'qgjob.agent.json'), 'utf8')).toBe('{}');
  const workflow = readFileSync(join(cwd, '.github/workflows/qgjob.yml'), 'utf8');
  expect(workflow).toMatch(
    /server-url: https:\/\/ci\.example\.com\n[\s\S]*e2e\/\*\*\/\*\.\{spec,test\}\.\*\n$/,
  );
  // The settings are those that commands read.
  expect(await runCli(['runs'], { cwd })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('qgjob.config.json names https://ci.example.com'),
  });
});

test('one file alone is a conflict where it is there; without a server there are no settings', async () => {
  const cwd = makeFolder({});
  writeFileSync(join(cwd, 'qgjob.agent.json'), '{}');
  expect(await runCli(['init', 'agent'], { cwd })).toMatchObject({ code: 3, stdout: '' });
  const made = await runCli(['init', 'config', '--json'], { cwd });
  expect(made).toMatchObject({
    code: 0,
    stdout: '[]\n',
    stderr: expect.stringContaining('--server-url names one'),
  });
});

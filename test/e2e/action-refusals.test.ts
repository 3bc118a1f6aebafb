import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { runMain, runPost } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';

const lab = useLab({ 'tests/one.sh': 'echo one' });

/** Runs a step that must be refused; returns the line that says why. */
async function refusal(inputs: Record<string, string>): Promise<string> {
  const step = lab().step({ tests: 'tests/one.sh', ...inputs });
  const result = await runMain(step);
  expect(result.code).toBe(1);
  expect(result.outputs).toMatchObject({ status: 'errored', conclusion: 'failure' });
  expect(result.outputs['run-id']).toBeUndefined();
  expect(result.stderr).toBe('');
  expect(result.log).not.toMatch(/^\s+at /m);
  expect(await runPost(step, result)).toMatchObject({ code: 0, log: '' });
  const errors = result.commands.filter((command) => command.name === 'error');
  expect(errors).toHaveLength(1);
  return errors[0]?.data ?? '';
}

test.each([
  [
    'a glob that matches nothing',
    { tests: 'tests/one.sh\nnope/**/*.sh' },
    'input tests: "nope/**/*.sh": matches no file in /',
  ],
  [
    'excludes that leave nothing',
    { tests: 'tests/*.sh\n!tests/**' },
    'input tests: "tests/*.sh": matches no file in /',
  ],
  ['tests outside of the checkout', { tests: '../*.sh' }, 'input tests: "../*.sh": is outside of /'],
  ['no tests', { tests: '' }, 'input tests: names no test file'],
  ['a missing token', { token: '' }, 'input token: is missing'],
  ['a wrong token', { token: 'qgj_wrong_token' }, 'this token is not valid here'],
  ['a missing server', { 'server-url': '' }, 'input server-url: is missing'],
  [
    'a bad server URL',
    { 'server-url': 'qgjob.example.com' },
    'input server-url: "qgjob.example.com" is not a server',
  ],
  [
    'plain http to another host',
    { 'server-url': 'http://qgjob.example.com' },
    'use https, or set allow-http to true in a network that you trust',
  ],
  ['an unknown target', { target: 'toaster' }, 'input target: unknown target "toaster"'],
  ['a priority out of range', { priority: '11' }, 'input priority: priority "11" is not allowed'],
  ['a commit where there is no git checkout', { source: 'git' }, 'git cannot read the commit of '],
  ['a choice that there is not', { artifacts: 'some' }, 'input artifacts: "some" is not allowed'],
  ['a switch that is neither', { wait: 'maybe' }, 'input wait: "maybe" is not allowed: use true or false'],
  [
    'a folder that is not there',
    { 'working-directory': 'away' },
    'input working-directory: there is no folder',
  ],
  ['another org than the token is for', { 'org-id': 'globex' }, 'globex'],
])('%s fails the step in one line and submits nothing', async (_, inputs, line) => {
  const before = await lab().client.call('listRuns');
  expect(await refusal(inputs)).toContain(line);
  expect(await lab().client.call('listRuns')).toEqual(before);
});

test('a server that is away fails the step in one line that names its address', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  expect(await refusal({ 'server-url': url })).toContain(`cannot reach ${url}: ECONNREFUSED`);
});

test('an event file that is not JSON fails the step in one line', async () => {
  const step = lab().step({ tests: 'tests/one.sh' });
  const result = await runMain({ ...step, env: { ...step.env, GITHUB_EVENT_PATH: import.meta.filename } });
  expect(result.code).toBe(1);
  expect(result.log).toMatch(/\n::error::the event file \(GITHUB_EVENT_PATH\): .+\n$/);
});

test('the token is masked before anything else is printed', async () => {
  const { token } = lab();
  const result = await runMain(lab().step({ tests: 'nothing/*' }));
  expect(result.log.startsWith(`::add-mask::${token}\n`)).toBe(true);
  expect(result.log.replace(`::add-mask::${token}`, '')).not.toContain(token);
  expect(JSON.stringify([result.state, result.outputs, result.summary, result.environment])).not.toContain(
    token,
  );
});

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

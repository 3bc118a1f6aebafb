import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../agent/test-support/free-port.ts';
import { makeFolder, runCli, startCli } from '../support/processes.ts';
import { agentFile } from '../support/workspace-files.ts';

const submit = ['submit', '--org-id=acme', '--app-version-id=v1', '--source=workspace'];

/** A folder with the settings of an agent with one device, whose installs leave a line each. */
const makeLab = () =>
  makeFolder({
    'qgjob.agent.json': agentFile({ name: 'rack', devices: 1, install: ['sh', 'install.sh'] }),
    'install.sh': 'echo installed >> installs.log',
    'tests/good.sh': 'true',
    'tests/bad.sh': 'exit 1',
  });

const installsIn = (cwd: string) =>
  readFileSync(join(cwd, 'installs.log'), 'utf8').trimEnd().split('\n').length;

test('a borrowed device outlives kills of server and agent, and is installed anew after its return', async () => {
  const cwd = makeLab();
  const port = await freePort();
  const startServer = async () => {
    const server = startCli(['server', `--port=${port}`], { cwd });
    await server.sees(/^qgjob server listening on/m);
    return server;
  };
  const startAgent = async () => {
    const agent = startCli(['agent'], { cwd });
    await agent.sees(/agent rack serves/);
    return agent;
  };
  const run = (...args: string[]) => runCli(args, { cwd });
  let server = await startServer();
  let agent = await startAgent();
  expect((await run(...submit, '--test=tests/good.sh', '--wait')).code).toBe(0);
  expect(installsIn(cwd)).toBe(1);

  const borrowed = await run('devices', 'borrow', 'simulated-emulator-1', '--for=1h', '--note=the sign-in');
  expect(borrowed).toMatchObject({ code: 0 });
  expect(borrowed.stdout).toMatch(
    /^simulated-emulator-1 is yours until \d\d:\d\d \(in 60 min\)\n {2}agent +rack\n/,
  );
  expect(borrowed.stdout).toContain('qgjob devices return simulated-emulator-1');
  await agent.stop('SIGKILL');
  await server.stop('SIGKILL');
  server = await startServer();
  agent = await startAgent();

  const queued = await run(...submit, '--test=tests/good.sh');
  const [runId = '', jobId = ''] = queued.stdout.split('\n');
  expect((await run('why', jobId)).stdout).toContain('1 of 1 device is borrowed by operator until');
  expect((await run('devices')).stdout).toMatch(
    /borrowed +until \d\d:\d\d \(in \d+ min\), by operator: the sign-in/,
  );
  const longer = await run('devices', 'extend', 'simulated-emulator-1', '--for=2h');
  expect(longer.stderr).toMatch(/^simulated-emulator-1 is yours until \d\d:\d\d \(in 2 h 0 min\)\n$/);
  expect((await run('devices', 'return', 'simulated-emulator-1')).stderr).toBe(
    'simulated-emulator-1 is given back\n',
  );
  expect((await run('wait', runId)).code).toBe(0);
  expect(installsIn(cwd)).toBe(2);
  expect(await run('devices', 'return', 'simulated-emulator-1')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^qgjob: simulated-emulator-1 is not borrowed( \(request \S+\))?\n$/),
  });
});

test('an agent that goes on installs anew too, though it knows of no borrow', async () => {
  const cwd = makeLab();
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on/m);
  await startCli(['agent'], { cwd }).sees(/agent rack serves/);
  const run = (...args: string[]) => runCli(args, { cwd });
  const good = [...submit, '--test=tests/good.sh', '--wait'];
  expect((await run(...good)).code).toBe(0);
  expect((await run(...good)).code).toBe(0);
  expect(installsIn(cwd)).toBe(1);
  expect((await run('devices', 'borrow', 'emulator', '--for=5m')).code).toBe(0);
  expect((await run('devices', 'return', 'simulated-emulator-1')).code).toBe(0);
  expect((await run(...good)).code).toBe(0);
  expect(installsIn(cwd)).toBe(2);
});

test('who waits sees the place in the queue, gives up by Ctrl-C, and a failed test keeps its device', async () => {
  const cwd = makeLab();
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on/m);
  await startCli(['agent'], { cwd }).sees(/agent rack serves/);
  const run = (...args: string[]) => runCli(args, { cwd });
  const failed = await run(
    ...submit,
    '--test=tests/bad.sh',
    '--retry-failed-tests=0',
    '--hold=10m',
    '--wait',
  );
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /^qgjob: simulated-emulator-1 on rack is yours until \d\d:\d\d \(in 10 min\), held after tests\/bad\.sh failed; give it back with `qgjob devices return simulated-emulator-1`$/m,
  );
  const waiting = startCli(['devices', 'borrow', 'emulator', '--for=5m'], { cwd });
  await waiting.sees(/waiting for emulator: number 1 in the queue; no device of emulator is free/);
  expect(await waiting.stop('SIGINT')).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('interrupted: the request for the device is given up'),
  });
  const kept = await run('devices', 'borrow', 'simulated-emulator-1', '--for=20m', '--json');
  expect(JSON.parse(kept.stdout)).toMatchObject({ status: 'active', note: 'held after tests/bad.sh failed' });
  const queued = await run('devices', 'borrow', 'emulator', '--for=5m', '--no-wait', '--json');
  expect(JSON.parse(queued.stdout)).toMatchObject({ status: 'waiting', position: 1 });
  await run('devices', 'return', 'simulated-emulator-1');
  const { stdout } = await run('devices', '--json');
  expect(JSON.parse(stdout)).toMatchObject([{ borrow_id: JSON.parse(queued.stdout).borrow_id }]);
});

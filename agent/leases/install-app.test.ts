import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FinishJob, TakeLease } from '../../protocol/shapes/agent.ts';
import type { FakeServer } from '../test-support/fake-server.ts';
import { untilFile } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = {
  'install.sh': 'echo "$QGJOB_APP_VERSION_ID on $1" >> installed',
  'a.sh': 'cat installed',
  'b.sh': 'exit 0',
};
const frameworks = {
  default: 'command',
  command: { install: ['sh', 'install.sh', '{device}'], test: ['sh', '{test}'] },
};
const installing = (script: string) => ({ frameworks, files: { ...files, 'install.sh': script } });
const reported = (server: FakeServer) => server.callsOf('reportInstalled').map((call) => call.body);
const installsOf = (server: FakeServer) =>
  server.callsOf('finishJob').map((call) => (call.body as FinishJob).installs);
const knownInstalled = (server: FakeServer) =>
  server
    .callsOf('takeLease')
    .map((call) => call.body as TakeLease)
    .at(-1)?.installed;
const v1 = { org_id: 'acme', app_version_id: 'v1' };

test('an app is installed once for all jobs of a lease, reported before the first, and known afterwards', async () => {
  const { server } = await startTestAgent({ files, frameworks });
  server.grant(leaseOf(['a.sh', 'b.sh'], { install: true }));
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.story).toEqual(['reportInstalled', 'startJob', 'finishJob', 'startJob', 'finishJob']);
  expect(reported(server)).toEqual([{ ok: true, duration_ms: expect.any(Number), installs: 1 }]);
  expect(server.logOf('job_a_sh').match(/v1 on simulated-emulator-1/g)).toHaveLength(1);
  expect(installsOf(server)).toEqual([undefined, undefined]);
  expect(knownInstalled(server)).toEqual(v1);
});

test('a lease of the same app on the same device installs nothing', async () => {
  const { server } = await startTestAgent({ files, frameworks });
  server.grant(leaseOf(['b.sh'], { install: true }));
  await server.verdict('job_b_sh');
  server.grant(leaseOf(['a.sh']));
  await server.verdict('job_a_sh');
  expect(server.logOf('job_a_sh').match(/v1 on/g)).toHaveLength(1);
  expect(reported(server)).toHaveLength(1);
});

test('where the framework has no install, the server hears of none', async () => {
  const { server } = await startTestAgent({ files });
  server.grant(leaseOf(['b.sh'], { install: true }));
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(reported(server)).toEqual([{ ok: true, duration_ms: 0, installs: 0 }]);
  expect(installsOf(server)).toEqual([undefined]);
  expect(knownInstalled(server)).toEqual(v1);
});

test('an install that only this agent knows to be missing runs, and counts with the first job', async () => {
  const { server } = await startTestAgent({ files, frameworks });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await server.verdict('job_b_sh');
  expect(reported(server)).toEqual([]);
  expect(installsOf(server)).toEqual([1, undefined]);
});

test('it counts with the next job when the first was cancelled before its start', async () => {
  const { server } = await startTestAgent({
    files,
    frameworks,
    prepare: (fake) => fake.refuse('startJob', 'job_cancelled'),
  });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  expect(await server.verdict('job_b_sh')).toMatchObject({ installs: 1 });
  expect(server.verdictOf('job_a_sh')).toBeUndefined();
});

test('it ends the first job and gives back the others when it fails', async () => {
  const { server } = await startTestAgent(installing('exit 9'));
  server.grant(leaseOf(['a.sh', 'b.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'error', error_class: 'install_failed' });
  await server.until(() => server.callsOf('releaseLease').length === 1);
  expect(server.story).toEqual(['finishJob', 'releaseLease']);
});

test.each([
  [
    'exits with an error',
    'echo "no space left"; exit 1',
    'install_failed',
    'the install exited with 1:\nno space left',
  ],
  ['exits with 75', 'echo offline; exit 75', 'infra_error', 'the install exited with 75:\noffline'],
  [
    'is a program that nobody has',
    'exit 127',
    'install_failed',
    'the install exited with 127: its shell did not find a program',
  ],
  [
    'has a program in it that was killed',
    'exit 137',
    'install_failed',
    'the install exited with 137: SIGKILL (9) ended a program inside of it',
  ],
  ['is killed', 'kill -9 $$', 'install_failed', 'the install was ended by SIGKILL'],
])('an install that %s is reported as such, and no job starts', async (_what, script, errorClass, error) => {
  const { server } = await startTestAgent(installing(script));
  server.grant(leaseOf(['a.sh'], { install: true }));
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(reported(server)).toEqual([
    { ok: false, duration_ms: expect.any(Number), installs: 1, error_class: errorClass, error },
  ]);
  expect(server.callsOf('startJob')).toEqual([]);
  expect(knownInstalled(server)).toBeNull();
});

test('an install program that is not there is reported by name', async () => {
  const command = { install: ['no-such-installer'], test: ['sh', '{test}'] };
  const { server } = await startTestAgent({ files, frameworks: { default: 'command', command } });
  server.grant(leaseOf(['a.sh'], { install: true }));
  await server.until(() => reported(server).length === 1);
  expect(reported(server)[0]).toMatchObject({
    error_class: 'install_failed',
    error: expect.stringMatching(/^cannot start no-such-installer/),
  });
});

test('an install that takes too long is stopped', async () => {
  const { server } = await startTestAgent({
    ...installing('while :; do sleep 0.02; done'),
    timing: { installMs: 50 },
  });
  server.grant(leaseOf(['a.sh'], { install: true }));
  await server.until(() => reported(server).length === 1);
  expect(reported(server)[0]).toMatchObject({ ok: false, error_class: 'install_failed' });
});

test('secrets do not leave the host with the last words of an install', async () => {
  const { server } = await startTestAgent({
    ...installing('echo "key is hunter22"; exit 1'),
    redact: ['hunter22'],
  });
  server.grant(leaseOf(['a.sh'], { install: true }));
  await server.until(() => reported(server).length === 1);
  expect(reported(server)[0]).toMatchObject({ error: 'the install exited with 1:\nkey is [redacted]' });
});

test('a report whose answer was lost is sent again', async () => {
  const { server } = await startTestAgent({
    files,
    frameworks,
    prepare: (fake) => fake.loseAnswer('reportInstalled'),
  });
  server.grant(leaseOf(['a.sh'], { install: true }));
  await server.verdict('job_a_sh');
  expect(reported(server)).toHaveLength(2);
  expect(server.logOf('job_a_sh').match(/v1 on/g)).toHaveLength(1);
});

test('a lease that is lost during its install is dropped, and the device counts as empty', async () => {
  const { server, root } = await startTestAgent(installing('touch begun; while :; do sleep 0.02; done'));
  server.grant(leaseOf(['a.sh'], { install: true }));
  await untilFile(join(root, 'begun'));
  server.giveNews({ lost: [...server.granted.keys()][0] ?? '' });
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.story).toEqual([]);
  expect(knownInstalled(server)).toBeNull();
});

test('what is half installed is not installed', async () => {
  const { server } = await startTestAgent(installing('[ "$QGJOB_APP_VERSION_ID" = v1 ]'));
  server.grant(leaseOf(['b.sh'], { install: true }));
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(knownInstalled(server)).toEqual(v1);
  server.grant(leaseOf(['b.sh'], { install: true, app_version_id: 'v2' }));
  await server.until(() => server.callsOf('takeLease').length === 3);
  expect(knownInstalled(server)).toBeNull();
});

test('a lease that is lost when its install is reported starts no job', async () => {
  const { server } = await startTestAgent({
    files,
    frameworks,
    prepare: (fake) => fake.refuse('reportInstalled', 'lease_lost'),
  });
  server.grant(leaseOf(['a.sh'], { install: true }));
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.callsOf('startJob')).toEqual([]);
});

test('a drain lets a running install end, and gives back all jobs', async () => {
  const { server, root, stop } = await startTestAgent(
    installing('touch begun; until [ -e go ]; do sleep 0.02; done'),
  );
  server.grant(leaseOf(['a.sh'], { install: true }));
  await untilFile(join(root, 'begun'));
  const ended = stop();
  writeFileSync(join(root, 'go'), '');
  expect(await ended).toBe(0);
  expect(server.story).toEqual(['reportInstalled', 'releaseLease']);
  expect(reported(server)[0]).toMatchObject({ ok: true });
});

test('an agent that drains before the install does not begin one', async () => {
  const { server, root, stop } = await startTestAgent(installing('touch begun'));
  const release = server.hold('finishJob');
  server.grant(leaseOf(['none.sh', 'a.sh'], { install: true }));
  await server.until(() => server.callsOf('finishJob').length === 1);
  const ended = stop();
  release();
  expect(await ended).toBe(0);
  expect(server.story).toEqual(['finishJob', 'releaseLease']);
  expect(existsSync(join(root, 'begun'))).toBe(false);
});

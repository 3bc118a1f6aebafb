import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace, untilFile } from '../../test-support/host.ts';
import { leasedJob, leaseOf } from '../../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../../test-support/start-agent.ts';
import type { TestRequest } from '../preset.ts';
import { maestroPreset } from './preset.ts';

// A script stands in for Maestro, which no package has: see stand-in-maestro.sh.
const standIn = join(import.meta.dirname, '../../test-support/stand-in-maestro.sh');

/** An agent that is granted a lease of flows; the first line of each says what happens. */
async function run(flows: Readonly<Record<string, string>>, hasMaestro = true): Promise<TestAgent> {
  const files = Object.entries(flows).map(([name, line]) => [`${name}.yaml`, `# ${line}\n`]);
  const root = makeWorkspace(Object.fromEntries(files));
  mkdirSync(join(root, 'bin'));
  if (hasMaestro) {
    copyFileSync(standIn, join(root, 'bin/maestro'));
    chmodSync(join(root, 'bin/maestro'), 0o755);
  }
  const started = await startTestAgent({
    root,
    frameworks: { default: 'maestro' },
    host: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
  });
  const jobs = Object.keys(flows).map((name) => leasedJob(`${name}.yaml`));
  started.server.grant(leaseOf(jobs, { framework: 'maestro', params: { STORE: 'main street' } }));
  return started;
}

test('a flow is judged by its report, and one without a report did not run', async () => {
  const { server } = await run({
    good: 'passes',
    bad: 'fails',
    gone: 'lost',
    away: 'away',
    odd: 'broken',
    lying: 'lies',
    mute: 'mute',
  });
  expect(await server.verdict('job_mute_yaml')).toMatchObject({ error_class: 'infra_error' });
  expect(await server.verdict('job_good_yaml')).toMatchObject({
    verdict: 'passed',
    tests: [{ name: 'Test Suite › shop', file: 'good.yaml', duration_ms: 2000 }],
  });
  expect(await server.verdict('job_bad_yaml')).toMatchObject({
    verdict: 'failed',
    error: '1 of 1 test failed: Test Suite › shop: Assertion is false: "Buy" is visible',
  });
  expect(await server.verdict('job_gone_yaml')).toMatchObject({ error_class: 'infra_error' });
  expect(await server.verdict('job_away_yaml')).toMatchObject({
    error_class: 'infra_error',
    error: expect.stringContaining('but it is not connected'),
  });
  expect(await server.verdict('job_odd_yaml')).toMatchObject({
    error_class: 'report_error',
    error: expect.stringContaining('Failed to parse file'),
  });
  expect(await server.verdict('job_lying_yaml')).toMatchObject({ verdict: 'failed' });
});

test('the words that Maestro gets: what the submit gives, the flow, and where its files go', async () => {
  const { server, root } = await run({ good: 'passes' });
  await server.verdict('job_good_yaml');
  const words = readFileSync(join(root, 'bin/words'), 'utf8').trimEnd().split('\n');
  expect(words).toEqual([
    'test',
    ...['--format', 'junit', '--output', expect.stringMatching(/junit\.xml$/)],
    ...['--debug-output', expect.stringMatching(/artifacts\/maestro$/), '--flatten-debug-output'],
    ...['-e', 'QGJOB_PARAM_STORE=main street'],
    join(root, 'good.yaml'),
  ]);
  const files = (): string[] => Object.keys(server.artifacts.of('job_good_yaml'));
  await server.until(() => files().some((name) => name.includes('commands-')));
});

test('a flow that is cancelled ends', async () => {
  const { server, root } = await run({ slow: 'hangs' });
  await untilFile(join(root, 'bin/hangs'));
  server.giveNews({ cancel: 'job_slow_yaml' });
  expect(await server.verdict('job_slow_yaml')).toMatchObject({ verdict: 'cancelled' });
});

test('where there is no Maestro, it is said how to get it', async () => {
  const { server } = await run({ good: 'passes' }, false);
  expect(await server.verdict('job_good_yaml')).toMatchObject({
    error_class: 'rejected',
    error: expect.stringMatching(/install the Maestro CLI.*apt-get install/),
  });
});

test('a phone is named', async () => {
  const { prepare } = maestroPreset({ program: 'maestro', without_app: false, uses: [] });
  const request = (env: Record<string, string>): TestRequest => ({
    root: '/suite',
    isOwnCopy: false,
    isInstalled: true,
    app: '',
    device: 'pixel',
    deviceDir: '/device',
    artifacts: '/artifacts',
    testPath: 'a.yaml',
    folder: '/job',
    junit: '/job/junit.xml',
    id: 'id',
    env,
  });
  expect(await prepare(request({ QGJOB_DEVICE_UDID: 'SER1' }))).toMatchObject({
    command: {
      argv: ['maestro', '--device', 'SER1', 'test', ...Array(7).fill(expect.any(String)), '/suite/a.yaml'],
    },
  });
});

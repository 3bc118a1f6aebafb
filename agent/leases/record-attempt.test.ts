import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Device } from '../devices/device.ts';
import { openSet } from '../devices/device-set.ts';
import type { RecordedAttempt, RecordedResult, Recording } from '../devices/recording.ts';
import { leasedJob, leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const session = { name: 'a-provider', session_id: 's1', url: 'https://provider.example/s1' };

interface Camera extends Device {
  readonly attempts: RecordedAttempt[];
  readonly results: RecordedResult[];
  disposals: number;
}

/** A device that leaves a file of each attempt; `more` changes what its recordings do. */
function camera(more: Partial<Recording> | Error | 'never begins' = {}, name = 'camera'): Camera {
  const device: Camera = {
    offer: { name, target: 'emulator', labels: {} },
    env: {},
    attempts: [],
    results: [],
    disposals: 0,
    record: async (attempt) => {
      device.attempts.push(attempt);
      if (more === 'never begins') return new Promise(() => undefined);
      if (more instanceof Error) throw more;
      return {
        provider: async () => session,
        end: async (result) => {
          device.results.push(result);
          writeFileSync(join(attempt.folder, 'screen.txt'), `seen of ${attempt.testPath}`);
        },
        ...more,
      };
    },
    dispose: async () => {
      device.disposals += 1;
    },
  };
  return device;
}

const files = { 'a.sh': 'exit 0', 'b.sh': 'echo why; exit 1' };
const never = () => new Promise<never>(() => undefined);

test('each attempt is recorded: its files follow the verdict, which tells the session at a provider', async () => {
  const device = camera();
  const { server } = await startTestAgent({ files, devices: [device] });
  const release = server.hold('uploadArtifact');
  server.grant(leaseOf([leasedJob('a.sh', { next_attempt: 2 }), 'b.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed', provider: session });
  expect(await server.verdict('job_b_sh')).toMatchObject({ verdict: 'failed', provider: session });
  release();
  await server.until(() => 'device/screen.txt' in server.artifacts.of('job_b_sh'));
  expect(server.artifacts.of('job_b_sh')).toEqual({ 'device/screen.txt': 'seen of b.sh' });
  expect(device.attempts[0]).toMatchObject({
    orgId: 'acme',
    appVersionId: 'v1',
    target: 'emulator',
    leaseId: expect.stringMatching(/^lse_/),
    runId: 'run_1',
    jobId: 'job_a_sh',
    testPath: 'a.sh',
    attempt: 2,
  });
  expect(device.results).toMatchObject([{ verdict: 'passed' }, { verdict: 'failed' }]);
});

test('files of one process that tells what it does are recorded one by one', async () => {
  const spec = (body: string) =>
    `import { expect, test } from '@playwright/test'; test('t', () => { ${body} });`;
  const device = camera();
  const { server } = await startTestAgent({
    files: { 'a.spec.ts': spec(''), 'b.spec.ts': spec('expect(1).toBe(2);') },
    frameworks: { default: 'playwright', playwright: { blob_report: false } },
    devices: [device],
  });
  server.grant(leaseOf(['a.spec.ts', 'b.spec.ts'], { framework: 'playwright' }));
  expect(await server.verdict('job_b_spec_ts')).toMatchObject({ verdict: 'failed', provider: session });
  await server.until(() => 'device/screen.txt' in server.artifacts.of('job_b_spec_ts'));
  expect(server.artifacts.of('job_a_spec_ts')['device/screen.txt']).toBe('seen of a.spec.ts');
  expect(device.results.map(({ verdict }) => verdict)).toEqual(['passed', 'failed']);
});

test('of a process that tells nothing before its end there is one recording, with its first job', async () => {
  const report = '<testsuite><testcase name="t" file="a.sh"/><testcase name="t" file="b.sh"/></testsuite>';
  const device = camera();
  const { server } = await startTestAgent({
    files: { ...files, 'all.sh': `printf '${report}' > "$1"` },
    frameworks: {
      default: 'command',
      command: { test: ['sh', '{test}'], batch: ['sh', 'all.sh', '{junit}', '{tests}'] },
    },
    devices: [device],
  });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed', provider: session });
  expect(await server.verdict('job_b_sh')).not.toHaveProperty('provider');
  await server.until(() => 'device/screen.txt' in server.artifacts.of('job_a_sh'));
  expect(device.attempts).toHaveLength(1);
});

const troubles: [what: string, more: Parameters<typeof camera>[0], words: string][] = [
  ['cannot begin', new Error('it is not there'), 'it is not there'],
  ['never begins', 'never begins', 'it had no end after'],
  ['cannot end', { end: () => Promise.reject(new Error('its file is gone')) }, 'its file is gone'],
  ['never ends', { end: never }, 'it had no end after'],
];
test.each(troubles)(
  'a recording that %s costs no verdict and is a line in the log',
  async (_what, more, words) => {
    const { server } = await startTestAgent({ files, devices: [camera(more)], timing: { recordEndMs: 50 } });
    server.grant(leaseOf(['a.sh']));
    expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
    const line = `[qgjob] the recording of the device is not whole: ${words}`;
    await server.until(() => server.logOf('job_a_sh').includes(line));
  },
);

test('a provider that does not answer holds a verdict up for a short while only', async () => {
  const device = camera({ provider: never });
  const { server } = await startTestAgent({ files, devices: [device], timing: { providerMs: 20 } });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).not.toHaveProperty('provider');
});

test('a set records on all of its members, also where one of them cannot', async () => {
  const members = [camera({}, 'one'), camera(new Error('no room'), 'two'), camera({}, 'three')];
  const entry = { driver: 'set', target: 'emulator', devices: [] } as const;
  const { server, stop } = await startTestAgent({
    files,
    devices: [openSet({ ...entry, devices: [] }, 1, members)],
  });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => server.logOf('job_a_sh').endsWith('is not whole: two: no room\n'));
  await stop();
  expect(Object.keys(server.artifacts.of('job_a_sh')).sort()).toEqual([
    'device/one/screen.txt',
    'device/three/screen.txt',
  ]);
  expect(members.map(({ disposals }) => disposals)).toEqual([1, 1, 1]);
});

test('an agent that is killed ends what was started for its devices', async () => {
  const device = camera();
  const { agent, done } = await startTestAgent({ devices: [device] });
  agent.stop.requestKill(130);
  expect(await done).toBe(130);
  expect(device.disposals).toBe(1);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FakePhone } from '../../test-support/fake-phone.ts';
import { makeWorkspace, untilTrue } from '../../test-support/host.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { connectPhones, hasAdb } from '../../test-support/phones.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';
import { Adb } from './adb.ts';
import { PhoneLog } from './phone-log.ts';

const withAdb = test.skipIf(!hasAdb());

/** Tests that wait for a file, so that something can happen on the phone meanwhile. */
const waits = (name: string, exit: number): string =>
  `until [ -e ${name} ]; do sleep 0.02; done; exit ${exit}`;
const files = {
  'passes.sh': waits('go-on', 0),
  'fails.sh': waits('go-on', 1),
  'next.sh': waits('go-further', 1),
};

async function startRack(settings: Readonly<Record<string, unknown>> = {}) {
  const { phones, env } = await connectPhones(1);
  const [phone] = phones as [FakePhone];
  const device = { driver: 'adb', target: 'device', serial: phone.serial, name: 'pixel', ...settings };
  const started = await startTestAgent({
    files,
    host: env,
    settings: { devices: [device] },
    timing: { examineMs: 100 },
  });
  const { server, root } = started;
  return {
    ...started,
    phone,
    /** Resolves when that much is recorded at once. */
    records: (count: number) => untilTrue(() => phone.tasks.running.length === count),
    touch: (name: string) => writeFileSync(join(root, name), ''),
    artifacts: (test: string) => server.artifacts.of(`job_${test}_sh`),
  };
}

const isRecording = (phone: FakePhone): boolean =>
  phone.tasks.running.some((command) => command.startsWith('screenrecord '));

withAdb(
  'of a failed attempt the log of the phone and its screen are kept, and nothing stays on it',
  async () => {
    const { server, phone, records, touch, artifacts } = await startRack();
    server.grant(leaseOf(['fails.sh']));
    await records(2);
    phone.tasks.print('App: about to fail');
    touch('go-on');
    expect(await server.verdict('job_fails_sh')).toMatchObject({ verdict: 'failed' });
    await server.until(() => Object.keys(artifacts('fails')).length === 2);
    expect(artifacts('fails')).toEqual({
      'device/logcat.txt': expect.stringMatching(/I App: about to fail\n.*I qgjob: qgjob-end-/),
      'device/screen.mp4': expect.stringMatching(/^whole \/data\/local\/tmp\/qgjob-/),
    });
    expect([phone.tasks.running, [...phone.tasks.files]]).toEqual([[], []]);
    expect(server.logOf('job_fails_sh')).not.toContain('not whole');
  },
);

withAdb('of an attempt that passed the log alone is kept, unless the settings say more', async () => {
  for (const [video, kept] of [
    ['failed', ['device/logcat.txt']],
    ['on', ['device/logcat.txt', 'device/screen.mp4']],
  ] as const) {
    const { server, phone, records, touch, artifacts, stop } = await startRack({ video });
    server.grant(leaseOf(['passes.sh']));
    await records(2);
    touch('go-on');
    await server.verdict('job_passes_sh');
    await stop();
    expect(Object.keys(artifacts('passes')).sort()).toEqual(kept);
    expect([phone.tasks.running, [...phone.tasks.files]]).toEqual([[], []]);
  }
});

withAdb('where the settings want neither, the phone is asked for nothing', async () => {
  const { server, phone, touch, artifacts, stop } = await startRack({ logcat: false, video: 'off' });
  server.grant(leaseOf(['fails.sh']));
  await server.until(() => server.callsOf('startJob').length === 1);
  touch('go-on');
  await server.verdict('job_fails_sh');
  await stop();
  expect([artifacts('fails'), phone.tasks.lastPid]).toEqual([{}, 1000]);
});

withAdb(
  'a test that runs longer than Android records into one file has a video of several files',
  async () => {
    const { server, phone, records, touch, artifacts } = await startRack({ logcat: false });
    server.grant(leaseOf(['fails.sh']));
    await records(1);
    phone.tasks.endRecordings();
    await untilTrue(() => isRecording(phone));
    touch('go-on');
    await server.until(() => Object.keys(artifacts('fails')).length === 2);
    expect(artifacts('fails')).toEqual({
      'device/screen-1.mp4': expect.stringMatching(/^whole .*-1\.mp4$/),
      'device/screen-2.mp4': expect.stringMatching(/^whole .*-2\.mp4$/),
    });
  },
);

withAdb('each test of a lease has a recording of its own', async () => {
  const { server, phone, records, touch, artifacts } = await startRack();
  server.grant(leaseOf(['fails.sh', 'next.sh']));
  await records(2);
  phone.tasks.print('App: first');
  touch('go-on');
  await server.until(() => Object.keys(artifacts('fails')).length === 2);
  await records(2);
  phone.tasks.print('App: second');
  touch('go-further');
  await server.until(() => Object.keys(artifacts('next')).length === 2);
  expect(artifacts('next')['device/logcat.txt']).toContain('App: second');
  expect(artifacts('next')['device/logcat.txt']).not.toContain('App: first');
  expect(artifacts('fails')['device/logcat.txt']).not.toContain('App: second');
});

withAdb('a phone that cannot record its screen costs no verdict, and the log says why', async () => {
  const { server, phone, touch, artifacts } = await startRack();
  phone.tasks.recordFailure = 'ERROR: unable to configure video/avc codec';
  server.grant(leaseOf(['fails.sh']));
  await untilTrue(() => phone.tasks.failedRecordings > 0);
  touch('go-on');
  expect(await server.verdict('job_fails_sh')).toMatchObject({ verdict: 'failed' });
  const words = 'the screen is not recorded: ERROR: unable to configure video/avc codec';
  await server.until(() => server.logOf('job_fails_sh').includes(words));
  await server.until(() => 'device/logcat.txt' in artifacts('fails'));
});

withAdb('what a phone that went away has kept of an attempt is removed when it is back', async () => {
  const { server, phone, records, touch } = await startRack();
  server.grant(leaseOf(['fails.sh']));
  await records(2);
  await phone.unplug();
  touch('go-on');
  expect(await server.verdict('job_fails_sh')).toMatchObject({ error_class: 'infra_error' });
  await server.until(() => server.logOf('job_fails_sh').includes("the phone's log ended before the attempt"));
  expect([isRecording(phone), phone.tasks.files.size]).toEqual([true, 1]);
  await phone.plug();
  await untilTrue(() => !isRecording(phone) && phone.tasks.files.size === 0);
});

withAdb('recordings of others on the same phone are left alone', async () => {
  const { server, phone, records, touch, artifacts } = await startRack();
  const [file] = ['/data/local/tmp/qgjob-of-another-agent-1.mp4'];
  phone.tasks.files.set(file ?? '', Buffer.from('not ours'));
  server.grant(leaseOf(['fails.sh']));
  await records(2);
  touch('go-on');
  await server.until(() => Object.keys(artifacts('fails')).length === 2);
  expect([...phone.tasks.files.keys()]).toEqual([file]);
});

withAdb('of a long log the end is kept', async () => {
  const { phones, env } = await connectPhones(1);
  const [phone] = phones as [FakePhone];
  const folder = makeWorkspace();
  const log = new PhoneLog(new Adb(env), phone.serial, folder, new AbortController().signal, 200_000);
  await log.begin();
  await untilTrue(() => phone.tasks.running.length === 1);
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n} ${'x'.repeat(60)}`).join('\n');
  for (let n = 0; n < 60; n += 1) phone.tasks.print(`App: ${n} ${lines}`);
  await log.end();
  // Which of the two files has a line depends on the pieces in which adb gives the log.
  const kept = ['logcat-before.txt', 'logcat.txt']
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  expect([kept.includes('App: 59 '), kept.includes('App: 1 ')]).toEqual([true, false]);
  expect(kept.length).toBeLessThan(400_000);
});

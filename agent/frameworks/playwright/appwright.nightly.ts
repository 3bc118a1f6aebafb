import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { signedApk } from '../../../client/test-support/android-tools.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { FakePhone } from '../../test-support/fake-phone.ts';
import { appOf, leasedJob, leaseOf } from '../../test-support/leases.ts';
import { connectPhones } from '../../test-support/phones.ts';
import { copySuite, hasSuite } from '../../test-support/real-suite.ts';
import { openStack, pixel } from '../../test-support/stack-devices.ts';
import { StandInBrowserStack } from '../../test-support/stand-in-browserstack.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

// Real AppWright 0.1.1 on a real Appium 3.8, whose driver is Appium's fake one; npx and the emulator's list stand in.
const withSuite = test.skipIf(!hasSuite('appwright'));

const idOf = (name: string): string => `job_tests_${name}_spec_ts`;

async function start() {
  const build = signedApk();
  const root = copySuite('appwright');
  const { phones, env } = await connectPhones(1);
  const [phone] = phones as [FakePhone];
  const started = await startTestAgent({
    root,
    host: {
      ...env,
      PATH: [join(root, 'bin'), env.PATH].join(delimiter),
      ANDROID_HOME: join(root, 'sdk'),
      JAVA_HOME: '/usr/lib/jvm/default-java',
    },
    frameworks: { default: 'appwright', appwright: { project: 'android' } },
    settings: { devices: [{ driver: 'adb', target: 'device', serial: phone.serial }] },
    prepare: (server) => {
      server.app = build;
    },
  });
  const app = appOf(build);
  const grant = (...names: string[]): void =>
    started.server.grant(
      leaseOf(
        names.map((name) => leasedJob(`tests/${name}.spec.ts`, { framework: 'appwright' })),
        { framework: 'appwright', app, install: true },
      ),
    );
  const verdicts = (...names: string[]): Promise<FinishJob[]> =>
    Promise.all(names.map((name) => started.server.verdict(idOf(name))));
  /** A line for each session at Appium: the device, and the app. */
  const sessions = (): string[] => readFileSync(join(root, 'sessions.log'), 'utf8').trim().split('\n');
  return { ...started, phone, grant, verdicts, sessions };
}

withSuite(
  'several tests of several files run in one process, on the phone and with the build of the lease; each install counts',
  async () => {
    const { server, root, phone, grant, verdicts, sessions } = await start();
    grant('first', 'fails');
    const [first, fails] = await verdicts('first', 'fails');
    expect([first, fails]).toMatchObject([
      { verdict: 'passed', tests: [{ status: 'passed' }, { status: 'passed' }] },
      {
        verdict: 'failed',
        tests: [{ status: 'failed' }, { name: '[android] runs in the next worker', status: 'passed' }],
      },
    ]);
    expect(sessions()).toHaveLength(4);
    for (const line of sessions())
      expect(line).toMatch(new RegExp(`^${phone.serial.replaceAll('.', '\\.')} /.+\\.apk$`));
    expect((first?.installs ?? 0) + (fails?.installs ?? 0)).toBe(4);
    // The agent itself has put nothing on the phone.
    expect(phone.log.filter((line) => line.startsWith('installed'))).toEqual([]);
    expect(server.callsOf('reportInstalled')[0]?.body).toMatchObject({ ok: true, installs: 0 });
    expect(readdirSync(root).filter((name) => name.startsWith('.qgjob.'))).toEqual([]);
    await expect(fetch('http://127.0.0.1:4723/status')).rejects.toThrow();
  },
);

withSuite('a cancelled test ends with its session, and leaves no Appium behind', async () => {
  const { server, grant, verdicts } = await start();
  grant('stays');
  await server.until(() => server.logOf(idOf('stays')).includes('it runs: object'));
  server.giveNews({ cancel: idOf('stays') });
  expect(await verdicts('stays')).toMatchObject([{ verdict: 'cancelled' }]);
  await server.until(() => server.callsOf('takeLease').length === 2);
  await expect(fetch('http://127.0.0.1:4723/status')).rejects.toThrow();
});

withSuite(
  'a lease at BrowserStack of a suite for an emulator ends without a pass, and says what to change',
  async () => {
    const standIn = await StandInBrowserStack.start();
    const { server } = await startTestAgent({
      root: copySuite('appwright'),
      host: standIn.env,
      frameworks: { default: 'appwright', appwright: { project: 'android' } },
      settings: { devices: [pixel] },
      devices: openStack(standIn),
    });
    const job = leasedJob('tests/first.spec.ts', { framework: 'appwright' });
    server.grant(leaseOf([job], { framework: 'appwright' }));
    expect(await server.verdict(job.job_id)).toMatchObject({
      verdict: 'error',
      error_class: 'report_error',
      error: expect.stringContaining("give it use.device.provider 'browserstack'"),
    });
  },
);

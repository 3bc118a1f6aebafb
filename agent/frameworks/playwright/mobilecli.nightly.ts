import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeApk } from '../../../client/test-support/app-files.ts';
import type { FakePhone } from '../../test-support/fake-phone.ts';
import { untilGone } from '../../test-support/host.ts';
import { appOf, leasedJob, leaseOf } from '../../test-support/leases.ts';
import { PhoneScreen } from '../../test-support/phone-screen.ts';
import { connectPhones, hasAdb } from '../../test-support/phones.ts';
import { copySuite, hasSuite } from '../../test-support/real-suite.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';

// Real Mobilewright with its own driver: the real mobilecli, the host's adb, and phones that speak adb's protocol.
const withAll = test.skipIf(!hasSuite('mobilecli') || !hasAdb());

const pathOf = (name: string): string => `tests/${name}.test.mjs`;
const idOf = (name: string): string => `job_tests_${name}_test_mjs`;

const configOf = (more: string): string => `import { defineConfig } from 'mobilewright';
export default defineConfig({
  testDir: './tests',
  testMatch: '**/*.test.mjs',
  platform: 'android',
  bundleId: 'com.example.shop',
  ${more}
});
`;

/** Says which process mobilecli has left running. */
const tellsDaemon = `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../device.mjs';
test('sees the screen', async ({ device }) => {
  await expect(device.screen.getByText('Welcome')).toBeVisible();
  console.log('daemon', readFileSync(join(process.env.MOBILECLI_HOME, 'daemon.pid'), 'utf8'));
});
`;

/** Looks at its phone before and after there is a file of this name. */
const looksTwice = (name: string): string => `import { existsSync } from 'node:fs';
import { expect, test } from '../device.mjs';
test('sees the screen twice', async ({ device }) => {
  await expect(device.screen.getByText('Welcome')).toBeVisible();
  console.log('seen once');
  while (!existsSync('${name}')) await new Promise((resolve) => setTimeout(resolve, 50));
  await expect(device.screen.getByText('Go')).toBeVisible();
});
`;

interface Lab {
  readonly phones: number;
  /** The agent knows the phones; without it Mobilewright finds one by its configuration alone. */
  readonly isOurs?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

/** An agent whose workspace is the suite, with mobilecli as its driver. */
async function start({ phones: count, isOurs = true, files = {} }: Lab) {
  const { phones, env } = await connectPhones(count);
  for (const phone of phones) phone.screen = new PhoneScreen();
  const build = await makeApk();
  const root = copySuite('mobilewright', 'mobilecli');
  const config = configOf(isOurs ? '' : `deviceId: '${phones[0]?.serial}',`);
  writeFileSync(join(root, 'mobilewright.config.mjs'), config);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, pathOf(name)), text);
  const devices = phones.map(({ serial }) => ({ driver: 'adb', target: 'device', serial }));
  const started = await startTestAgent({
    root,
    frameworks: { default: 'mobilewright' },
    host: { ...env, ANDROID_HOME: '/usr/lib/android-sdk' },
    // Its folders are too far down for the socket of mobilecli.
    settings: { name: 'the-rack-in-the-back-of-the-office', ...(isOurs && { devices }) },
    prepare: (server) => {
      server.app = build;
    },
  });
  const grant = (...names: string[]): void => {
    const jobs = names.map((name) => leasedJob(pathOf(name), { framework: 'mobilewright' }));
    started.server.grant(leaseOf(jobs, { framework: 'mobilewright', app: appOf(build), install: true }));
  };
  const verdicts = (...names: string[]) =>
    Promise.all(names.map((name) => started.server.verdict(idOf(name))));
  return { ...started, phones: phones as readonly [FakePhone, ...FakePhone[]], grant, verdicts };
}

const isInstall = (line: string): boolean => line.startsWith('installed');

withAll(
  'two files on a phone that the agent has put the app on: one install, and mobilecli makes none',
  async () => {
    const { server, phones, grant, verdicts } = await start({ phones: 1 });
    grant('first', 'second');
    expect(await verdicts('first', 'second')).toMatchObject([
      { verdict: 'passed', tests: [{ status: 'passed' }, { status: 'passed' }] },
      { verdict: 'passed' },
    ]);
    expect(phones[0].log.filter(isInstall)).toEqual(['installed -r -t -g -d']);
    expect(server.callsOf('reportInstalled').map(({ body }) => body)).toMatchObject([
      { ok: true, installs: 1 },
    ]);
  },
);

withAll(
  'where mobilecli installs, its install is the one that is counted, and its daemon ends with the lease',
  async () => {
    const lab = await start({ phones: 1, isOurs: false, files: { daemon: tellsDaemon } });
    lab.grant('first', 'daemon');
    const [first, daemon] = await lab.verdicts('first', 'daemon');
    expect([first?.verdict, daemon?.verdict]).toEqual(['passed', 'passed']);
    expect(lab.phones[0].log.filter(isInstall)).toEqual(['installed -r']);
    expect((first?.installs ?? 0) + (daemon?.installs ?? 0)).toBe(1);
    const [, pid = ''] = /daemon \D*(\d+)/.exec(lab.server.logOf(idOf('daemon'))) ?? [];
    expect(pid).not.toBe('');
    await untilGone(pid);
  },
);

withAll(
  'of leases on two phones at once the one that ends first takes nothing of mobilecli from the other',
  async () => {
    const files = { early: looksTwice('go-early'), late: looksTwice('go-late') };
    const { server, root, phones, grant, verdicts } = await start({ phones: 2, files });
    for (const name of ['early', 'late']) {
      grant(name);
      await server.until(() => server.logOf(idOf(name)).includes('seen once'));
    }
    writeFileSync(join(root, 'go-early'), '');
    expect(await verdicts('early')).toMatchObject([{ verdict: 'passed' }]);
    // Its phone asks for the next lease: its process has ended.
    const asked = server.callsOf('takeLease').length;
    await server.until(() => server.callsOf('takeLease').length > asked);
    writeFileSync(join(root, 'go-late'), '');
    expect(await verdicts('late')).toMatchObject([{ verdict: 'passed' }]);
    expect(phones.map(({ log }) => log.filter(isInstall).length)).toEqual([1, 1]);
  },
);

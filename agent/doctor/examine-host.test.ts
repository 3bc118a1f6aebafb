import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emulatorHost } from '../test-support/emulators.ts';
import { connectPhones, hasAdb } from '../test-support/phones.ts';
import { xcodeHost } from '../test-support/xcode.ts';
import { examineHost } from './examine-host.ts';

const path = process.env.PATH ?? '';

function folderWith(settings?: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (settings !== undefined) writeFileSync(join(folder, 'qgjob.agent.json'), JSON.stringify(settings));
  return folder;
}

const find = async (folder: string, what: string, host = {}) =>
  (await examineHost({ folder }, { PATH: path, HOME: folder, ...host })).find((one) => one.what === what);

test.skipIf(!hasAdb())(
  'a phone that is well serves its target; one that is not is a problem with its reason',
  async () => {
    const { phones, env } = await connectPhones(2);
    const devices = phones.map(({ serial }, n) => ({
      driver: 'adb',
      target: 'device',
      serial,
      name: `phone-${n}`,
    }));
    const folder = folderWith({ devices });
    if (phones[1]) phones[1].battery = 1;
    expect(await find(folder, 'phone-0', env)).toEqual({
      what: 'phone-0',
      state: 'ok',
      says: 'serves device: android 14 Fake Phone',
    });
    expect(await find(folder, 'phone-1', env)).toMatchObject({
      state: 'problem',
      says: 'its battery is at 1 % (15 % needed)',
    });
  },
);

test('a phone on a host without adb is a problem that says what to install', async () => {
  const folder = folderWith({ devices: [{ driver: 'adb', target: 'device', serial: 'ABC' }] });
  expect(await find(folder, 'ABC', { PATH: '/nowhere' })).toMatchObject({
    state: 'problem',
    says: expect.stringContaining('install the Debian package adb'),
  });
});

test('without settings the host is told how to write them; with broken ones what is wrong', async () => {
  expect(await find(folderWith(), 'settings')).toMatchObject({ state: 'warning', cure: 'qgjob init agent' });
  expect(await find(folderWith({ devises: [] }), 'settings')).toMatchObject({
    state: 'problem',
    says: expect.stringContaining('devises'),
  });
});

test('a host without git and browser is told what it misses', async () => {
  const folder = folderWith({});
  const host = { PATH: '/nowhere', PLAYWRIGHT_BROWSERS_PATH: '/nowhere' };
  expect(await find(folder, 'git', host)).toMatchObject({ state: 'warning', cure: 'install git' });
  expect(await find(folder, 'browser', host)).toMatchObject({
    state: 'warning',
    cure: 'npx playwright install --with-deps chromium',
  });
});

test('an isolation that the host cannot give is a problem in the words of the agent', async () => {
  const folder = folderWith({ isolation: 'user', isolation_user: 'nobody-of-that-name' });
  expect(await find(folder, 'isolation')).toMatchObject({
    state: 'problem',
    says: expect.stringContaining('nobody-of-that-name'),
  });
});

test('what Android devices need of a host that has nothing is said one by one, each with its cure', async () => {
  const folder = folderWith({ devices: [{ driver: 'avd', target: 'emulator', avd: 'pixel' }] });
  const findings = await examineHost(
    { folder },
    { PATH: '/nowhere', HOME: folder, ANDROID_HOME: '/nowhere/sdk' },
  );
  const of = (what: string) => findings.find((one) => one.what === what);
  expect(of('adb')).toMatchObject({ state: 'problem', cure: expect.stringContaining('apt-get install adb') });
  expect(of('emulator')).toMatchObject({ state: 'problem', cure: 'sdkmanager emulator' });
  expect(of('Java')).toMatchObject({ state: 'warning', cure: expect.stringContaining('openjdk') });
  expect(of('Android SDK')).toMatchObject({ says: 'ANDROID_HOME names /nowhere/sdk, which is not there' });
  expect(of('pixel')).toMatchObject({
    state: 'problem',
    says: expect.stringContaining('sdkmanager emulator'),
  });
  expect(of('Xcode')).toBeUndefined();
});

test.skipIf(!hasAdb())('an emulator of the settings is looked at, and not started', async () => {
  const host = await emulatorHost(['pixel']);
  const devices = [{ driver: 'avd', target: 'emulator', avd: 'pixel', accel: false }];
  const folder = folderWith({ devices });
  expect(await find(folder, 'pixel', host.env)).toMatchObject({
    state: 'ok',
    says: 'serves emulator: android',
  });
  expect(await find(folder, 'adb', host.env)).toMatchObject({ state: 'ok' });
  expect(await find(folder, 'emulator', host.env)).toMatchObject({ state: 'ok' });
  expect(await find(folder, 'KVM', host.env)).toBeUndefined();
  expect(host.starts()).toEqual([]);
});

test('devices of iOS need Xcode; a simulator is looked at, and not made', async () => {
  const folder = folderWith({
    devices: [{ driver: 'simctl', target: 'emulator/ios', device_type: 'iPhone 16' }],
  });
  expect(await find(folder, 'Xcode', { PATH: '/nowhere' })).toMatchObject({ state: 'problem' });
  const host = xcodeHost();
  expect(await find(folder, 'Xcode', host.env)).toEqual({ what: 'Xcode', state: 'ok', says: 'Xcode 16.2' });
  expect(await find(folder, 'iPhone-16-1', host.env)).toMatchObject({ state: 'ok' });
  expect(host.simulators()).toEqual([]);
});

test.each([
  ['yes', { state: 'ok' }],
  ['no', { state: 'warning', cure: 'sudo timedatectl set-ntp true' }],
])('a clock of which the host says "%s" is told', async (answer, finding) => {
  const folder = folderWith({});
  writeFileSync(join(folder, 'timedatectl'), `#!/bin/sh\necho ${answer}\n`, { mode: 0o755 });
  expect(await find(folder, 'clock', { PATH: `${folder}:${path}` })).toMatchObject(finding);
});

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HostLocks } from '../../resources/host-lock.ts';
import { hostIn } from '../../test-support/device-host.ts';
import type { FakePhone } from '../../test-support/fake-phone.ts';
import { connectPhones, hasAdb } from '../../test-support/phones.ts';
import type { Device } from '../device.ts';
import { openDevices } from '../open-devices.ts';

const withAdb = test.skipIf(!hasAdb());

const settings = {
  min_battery: 15,
  min_free_mb: 500,
  max_temperature: 48,
  logcat: true,
  video: 'failed',
} as const;

interface Opened {
  readonly env: Readonly<Record<string, string>>;
  readonly phone: FakePhone;
  readonly device: Device;
  readonly folder: string;
}

/** A phone that the real adb of this host sees, and the device that the driver makes of it. */
async function openPhone(lookMs = 5000): Promise<Opened> {
  const { phones, env } = await connectPhones(1);
  const [phone] = phones as [FakePhone];
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-phone-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = { driver: 'adb', target: 'device', serial: phone.serial, ...settings } as const;
  const [device] = openDevices([entry], hostIn(folder, { env, lookMs }));
  return { env, phone, device: device as Device, folder };
}

/** The same phone as the next process of the agent has it. */
function openPhoneAgain({ phone, folder, env }: Opened): Device {
  const entry = { driver: 'adb', target: 'device', serial: phone.serial, ...settings } as const;
  return openDevices([entry], hostIn(folder, { env }))[0] as Device;
}

/** Looks until a look says something else than `before`; adb needs a moment to see a phone come or go. */
async function lookUntil(
  device: Device,
  met: (why: string | undefined) => boolean,
): Promise<string | undefined> {
  for (;;) {
    const why = (await device.examine?.())?.why;
    if (met(why)) return why;
  }
}

withAdb('a phone that is well is offered with its model and the version of its system', async () => {
  const { phone, device } = await openPhone();
  expect(await device.examine?.()).toBeUndefined();
  expect(device.offer).toEqual({
    name: phone.serial.replace(':', '-'),
    target: 'device',
    platform: 'android',
    os_version: '14',
    labels: { driver: 'adb', serial: phone.serial, model: 'Fake Phone' },
  });
  expect(device.env).toEqual({ ANDROID_SERIAL: phone.serial, QGJOB_DEVICE_UDID: phone.serial });
});

withAdb('what is wrong with a phone is said, and is over when it is over', async () => {
  const { phone, device } = await openPhone();
  const why = async (): Promise<string | undefined> => (await device.examine?.())?.why;
  phone.battery = 4;
  expect(await why()).toBe('its battery is at 4 % (15 % needed)');
  phone.battery = 80;
  phone.freeKib = 38 * 1024;
  expect(await why()).toBe('38 MB are free in /data (500 MB needed)');
  phone.freeKib = 90_000_000;
  phone.temperature = 512;
  expect(await why()).toBe('it is hot: 51.2 °C (at most 48)');
  phone.temperature = 270;
  phone.dialog = 'Application Not Responding: com.example.shop';
  expect(await device.examine?.()).toMatchObject({
    why: 'a dialog is in the way: Application Not Responding',
    detail: 'com.example.shop',
    breaksTests: false,
  });
  phone.dialog = undefined;
  phone.booted = false;
  expect(await why()).toBe('it is still booting');
  phone.booted = true;
  expect(await why()).toBeUndefined();
});

withAdb('a phone that is unplugged is not there until it is plugged in again', async () => {
  const { phone, device } = await openPhone();
  await phone.unplug();
  expect(await lookUntil(device, (why) => why !== undefined)).toMatch(
    /adb (does not see it|shows it as offline)|does not answer/,
  );
  await phone.plug();
  await lookUntil(device, (why) => why === undefined);
});

withAdb('a phone that does not trust the host says what to do on it, until somebody has', async () => {
  const { phone, device } = await openPhone();
  phone.isTrusting = false;
  await phone.unplug();
  await phone.plug();
  expect(await lookUntil(device, (why) => why?.includes('trust') === true)).toBe(
    'it does not trust this host yet: accept the debugging dialog on the phone',
  );
  phone.isTrusting = true;
  await phone.unplug();
  await phone.plug();
  await lookUntil(device, (why) => why === undefined);
});

withAdb('a phone that takes calls and answers none does not hold up the look', async () => {
  const { phone, device } = await openPhone(500);
  phone.isHanging = true;
  // It may be busy with its own test: only the second time in a row it counts as gone.
  expect(await device.examine?.()).toEqual({
    why: 'it does not answer',
    breaksTests: false,
    isUnsure: true,
  });
  expect(await device.examine?.()).toEqual({ why: 'it does not answer', breaksTests: true });
});

withAdb('a phone that another agent of the host uses is left alone', async () => {
  const { phone, device, folder } = await openPhone();
  const other = new HostLocks(join(folder, 'locks')).tryLock(`adb:${phone.serial}`);
  expect(await device.examine?.()).toEqual({ why: 'another agent of this host uses it', breaksTests: true });
  other?.unlock();
  expect(await device.examine?.()).toBeUndefined();
});

test('without adb on the host the phone says what to install', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-phone-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = { driver: 'adb', target: 'device', serial: 'ABC', ...settings } as const;
  const [device] = openDevices([entry], hostIn(folder, { env: { PATH: '/nowhere' } }));
  expect((await device?.examine?.())?.why).toMatch(/install the Debian package adb/);
});

const install = async ({ device, folder }: Opened, timeoutMs = 60_000) => {
  const path = join(folder, 'app.apk');
  writeFileSync(path, Buffer.alloc(300_000, 1));
  const app = { path, packageName: 'com.example.shop' };
  return device.install?.(app, { timeoutMs, signal: new AbortController().signal });
};

withAdb('an app is installed once, with all permissions', async () => {
  const opened = await openPhone();
  expect(await install(opened)).toEqual({ ok: true, installs: 1 });
  expect(opened.phone.log).toEqual(['installed -r -t -g -d']);
});

withAdb.each([
  ['INSTALL_FAILED_UPDATE_INCOMPATIBLE: signatures do not match', 'uninstalled com.example.shop'],
  ['INSTALL_FAILED_VERSION_DOWNGRADE', 'uninstalled com.example.shop'],
  ['INSTALL_PARSE_FAILED_INCONSISTENT_CERTIFICATES', 'uninstalled com.example.shop'],
  ['INSTALL_FAILED_INSUFFICIENT_STORAGE', 'rm -rf /data/local/tmp/*.apk'],
])('%s is cured, and the app installed once more', async (code, cure) => {
  const opened = await openPhone();
  opened.phone.installFailures.push(code);
  expect(await install(opened)).toEqual({ ok: true, installs: 2 });
  expect(opened.phone.log[0]).toBe(code);
  expect(opened.phone.log).toContain(cure);
  expect(opened.phone.log.at(-1)).toBe('installed -r -t -g -d');
});

withAdb.each([
  ['INSTALL_PARSE_FAILED_NO_CERTIFICATES', 'build_error', 1],
  ['INSTALL_FAILED_INVALID_APK', 'build_error', 1],
  ['INSTALL_FAILED_NO_MATCHING_ABIS', 'install_failed', 1],
  ['INSTALL_FAILED_OLDER_SDK', 'install_failed', 1],
  ['INSTALL_FAILED_USER_RESTRICTED: by the user', 'install_failed', 1],
  ['INSTALL_FAILED_SOMETHING_NEW', 'install_failed', 1],
])('%s is a %s', async (code, errorClass, installs) => {
  const opened = await openPhone();
  opened.phone.installFailures.push(code);
  const end = await install(opened);
  expect(end).toMatchObject({ ok: false, class: errorClass, installs });
  expect(end && !end.ok && end.why).toContain(code);
});

withAdb('an incompatible app that stays so after the uninstall is a failed install', async () => {
  const opened = await openPhone();
  const code = 'INSTALL_FAILED_UPDATE_INCOMPATIBLE';
  opened.phone.installFailures.push(code, code);
  expect(await install(opened)).toMatchObject({ ok: false, installs: 2, class: 'install_failed' });
});

withAdb('a phone that goes away in the middle of an install, and comes back, gets the app', async () => {
  const opened = await openPhone();
  opened.phone.cutInstallAt = 100_000;
  expect(await install(opened)).toEqual({ ok: true, installs: 2 });
  expect(opened.phone.log).toEqual(['cut', 'installed -r -t -g -d']);
});

withAdb('an install on a phone that is gone is the fault of the host, not of the app', async () => {
  const opened = await openPhone();
  await opened.phone.unplug();
  await lookUntil(opened.device, (why) => why !== undefined);
  expect(await install(opened)).toMatchObject({ ok: false, class: 'infra_error' });
});

withAdb('after a person had the phone the app of the same org is removed too, and no others', async () => {
  const opened = await openPhone();
  const { phone, device } = opened;
  phone.tasks.packages.add('com.example.own');
  await device.reset?.({ orgId: 'acme' });
  await install(opened);
  await openPhoneAgain(opened).reset?.({ orgId: 'acme', all: true });
  expect([...phone.tasks.packages]).toEqual(['com.example.own']);
});

withAdb(
  'apps that were installed for other orgs are removed, also by a later start, and no others',
  async () => {
    const opened = await openPhone();
    const { phone, device, folder } = opened;
    phone.tasks.packages.add('com.example.own');
    await device.reset?.({ orgId: 'acme' });
    await install(opened);
    await device.reset?.({ orgId: 'acme' });
    expect(await device.stillHasApp?.()).toBe(true);
    const again = openPhoneAgain(opened);
    await again.reset?.({ orgId: 'globex' });
    expect([...phone.tasks.packages]).toEqual(['com.example.own']);
    // Somebody else is about to install it.
    await again.noteApp?.({ path: '/builds/app.apk', packageName: 'com.example.other' });
    phone.tasks.install('com.example.other');
    await openPhoneAgain(opened).reset?.({ orgId: 'acme' });
    expect([...phone.tasks.packages]).toEqual(['com.example.own']);
    expect(await device.stillHasApp?.()).toBe(false);
    expect(readdirSync(join(folder, 'phones'))).toHaveLength(1);
  },
);

withAdb(
  'an app that a test has removed, or put another version of in its place, is there no more',
  async () => {
    const opened = await openPhone();
    const { tasks } = opened.phone;
    const isThere = () => opened.device.stillHasApp?.();
    expect(await isThere()).toBe(false);
    await install(opened);
    expect([await isThere(), await isThere()]).toEqual([true, true]);
    tasks.install('com.example.shop');
    expect(await isThere()).toBe(false);
    await install(opened);
    expect(await isThere()).toBe(true);
    tasks.packages.delete('com.example.shop');
    expect(await isThere()).toBe(false);
    tasks.packages.add('com.example.shop');
    await opened.phone.unplug();
    expect(await isThere()).toBe(false);
  },
);

withAdb('a phone says whether an app is on it, whoever put it there; one that is away does not', async () => {
  const { device, phone } = await openPhone();
  const has = () => device.hasApp?.({ path: '/builds/app.apk', packageName: 'com.example.shop' });
  expect(await has()).toBe(false);
  phone.tasks.install('com.example.shop');
  expect(await has()).toBe(true);
  expect(await device.hasApp?.({ path: '/builds/app.apk', packageName: undefined })).toBeUndefined();
  await phone.unplug();
  expect(await has()).toBeUndefined();
});

withAdb('an app of another org that stays on the phone is said, and removed the next time', async () => {
  const opened = await openPhone();
  const { phone, device } = opened;
  await device.reset?.({ orgId: 'acme' });
  await install(opened);
  phone.keepsPackages = true;
  await expect(device.reset?.({ orgId: 'globex' })).rejects.toThrow('com.example.shop');
  phone.keepsPackages = false;
  await device.reset?.({ orgId: 'globex' });
  expect([...phone.tasks.packages]).toEqual([]);
});

import { expect, test } from 'vitest';
import { DeviceEntries } from '../../device-entries.ts';
import { hostIn } from '../../test-support/device-host.ts';
import { makeWorkspace } from '../../test-support/host.ts';
import { xcodeHost } from '../../test-support/xcode.ts';
import type { Device } from '../device.ts';
import { openDevices } from '../open-devices.ts';

const entry = { driver: 'devicectl', target: 'device/ios', udid: '00008110-000A' };
const phone = {
  identifier: 'B1C2-1',
  hardwareProperties: { udid: '00008110-000A', marketingName: 'iPhone 13' },
  deviceProperties: { name: 'Rack 1', osVersionNumber: '18.1', developerModeStatus: 'enabled' },
  connectionProperties: { tunnelState: 'connected', pairingState: 'paired' },
};

const open = (env: Readonly<Record<string, string>>): Device =>
  openDevices(DeviceEntries.parse([entry]), hostIn(makeWorkspace(), { env }))[0] as Device;

test('an iPhone that is connected is offered with its model and the version of its system', async () => {
  const device = open(xcodeHost([], [phone]).env);
  expect(await device.examine?.()).toBeUndefined();
  expect(device.offer).toEqual({
    name: '00008110-000A',
    target: 'device/ios',
    platform: 'ios',
    os_version: '18.1',
    labels: { driver: 'devicectl', udid: '00008110-000A', model: 'iPhone 13' },
  });
  expect(device.env).toEqual({ QGJOB_DEVICE_UDID: '00008110-000A' });
});

const faults: [what: string, more: object, words: RegExp][] = [
  [
    'out of reach',
    { connectionProperties: { tunnelState: 'unavailable', pairingState: 'paired' } },
    /tunnel: unavailable/,
  ],
  [
    'not trusting',
    { connectionProperties: { tunnelState: 'disconnected', pairingState: 'unpaired' } },
    /does not trust this Mac/,
  ],
  ['not for developers', { deviceProperties: { developerModeStatus: 'disabled' } }, /developer mode is off/],
];
test.each(faults)('an iPhone that is %s says what to do', async (_what, more, words) => {
  const device = open(xcodeHost([], [{ ...phone, ...more }]).env);
  expect(await device.examine?.()).toMatchObject({ why: expect.stringMatching(words), breaksTests: true });
});

test('an iPhone that Xcode does not see, and a host without Xcode, are said', async () => {
  expect((await open(xcodeHost().env).examine?.())?.why).toMatch(/^Xcode does not see it/);
  expect((await open({ PATH: '/nowhere' }).examine?.())?.why).toMatch(/Xcode/);
});

test.each([
  [undefined, { ok: true, installs: 1 }],
  ['ERROR: The item at app.ipa is not a valid bundle.', { ok: false, class: 'build_error' }],
  ['ERROR: The device was not found.', { ok: false, class: 'infra_error' }],
  ['ERROR: No space left.', { ok: false, class: 'install_failed' }],
])('an install that ends with %j is told as %j', async (failure, end) => {
  const host = xcodeHost([], [phone]);
  if (failure) host.put('install-failure', failure);
  const app = { path: '/builds/app.ipa', packageName: 'com.example.shop' };
  const signal = new AbortController().signal;
  expect(await open(host.env).install?.(app, { timeoutMs: 60_000, signal })).toMatchObject(end);
  expect(host.calls()[0]).toMatch(
    /^devicectl device install app --device 00008110-000A \/builds\/app\.ipa --json-output /,
  );
});

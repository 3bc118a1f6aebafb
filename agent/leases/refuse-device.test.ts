import { expect, test } from 'vitest';
import type { Device } from '../devices/device.ts';
import { openSlot } from '../devices/device.ts';
import type { DrivesDevices, Preset } from '../frameworks/preset.ts';
import { leaseOf } from '../test-support/leases.ts';
import { refuseDevice } from './refuse-device.ts';

const device = (driver: string, env: Record<string, string> = {}): Device => ({
  offer: { name: driver, target: 'device', labels: { driver } },
  env,
});
const phone = device('adb', { QGJOB_DEVICE_UDID: 'SER1' });
const pair = device('set', { QGJOB_DEVICES: '[]' });
const cloud = device('browserstack');
const browser = device('browser');

const flows: DrivesDevices = { needsPhone: true, clouds: false, sets: false, needsFile: 'always' };
const appium: DrivesDevices = { needsPhone: false, clouds: true, sets: true, needsFile: 'never' };
const suites: DrivesDevices = { ...flows, needsFile: 'registered' };

const file = '/lease/app.apk';
const address = 'https://ci.example/v7.apk';

const ask = (drives: DrivesDevices | undefined, on: Device, app: string): string | undefined =>
  refuseDevice({
    preset: { name: 'tool', drives } as Preset,
    slot: openSlot(on),
    lease: leaseOf(['a'], { app_version_id: 'v7' }),
    app,
  });

test.each([
  ['flows with their build, on a phone', flows, phone, file],
  ['flows on a simulated device, which stands in for any', flows, device('simulated'), ''],
  ['a suite that brings its app', suites, phone, ''],
  ['Appium, which fetches an app by its address', appium, phone, address],
  ['Appium on several phones, in a cloud, and with a browser', appium, pair, ''],
  ['Appium in a cloud', appium, cloud, ''],
  ['Appium with a browser', appium, browser, ''],
  ['a command, which finds all in its variables', undefined, browser, address],
])('%s run', (_what, drives, on, app) => {
  expect(ask(drives, on, app)).toBeUndefined();
});

test.each([
  [
    'flows without a build would run on whatever is there',
    flows,
    phone,
    '',
    /has no file, .*without_app says/,
  ],
  [
    'a build that has an address alone is put there by nobody',
    suites,
    phone,
    address,
    /an address and no file.*qgjob apps upload FILE --app-version-id=v7/,
  ],
  ['a set of several is no phone', flows, pair, file, /is a set of several/],
  ['a session in a cloud is no device of the host', suites, cloud, file, /is at BrowserStack/],
  ['a browser is no phone: the tool would take any of the host', flows, browser, file, /needs a phone/],
])('%s', (_what, drives, on, app, words) => {
  expect(ask(drives, on, app)).toMatch(words);
});

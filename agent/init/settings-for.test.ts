import { expect, test } from 'vitest';
import { AgentFile } from '../config-shape.ts';
import { emulatorHost } from '../test-support/emulators.ts';
import { hasAdb } from '../test-support/phones.ts';
import { xcodeHost } from '../test-support/xcode.ts';
import { findAvds, findIphoneType } from './find-emulators.ts';
import { settingsFor } from './settings-for.ts';

const devicesFor = (found: Parameters<typeof settingsFor>[0]) => {
  const { $schema: _schema, ...file } = settingsFor(found);
  return AgentFile.parse(file).devices;
};

test.skipIf(!hasAdb())('the AVDs of the host are found where it can run them', async () => {
  const { env } = await emulatorHost(['pixel_8', 'tablet']);
  const avds = await findAvds(env, () => undefined);
  expect(devicesFor({ phones: [], avds, iphone: undefined })).toMatchObject([
    { driver: 'avd', target: 'emulator', avd: 'pixel_8' },
    { driver: 'avd', target: 'emulator', avd: 'tablet' },
  ]);
  expect(await findAvds(env, () => 'there is no KVM')).toEqual([]);
  expect(await findAvds({ PATH: '/nowhere' }, () => undefined)).toEqual([]);
});

test('the newest iPhone that can be simulated is found', async () => {
  const iphone = await findIphoneType(xcodeHost().env);
  expect(devicesFor({ phones: [], avds: [], iphone })).toMatchObject([
    { driver: 'simctl', target: 'emulator/ios', device_type: 'iPhone 16' },
  ]);
  expect(await findIphoneType({ PATH: '/nowhere' })).toBeUndefined();
});

test('AVDs are left out while an emulator runs, which may be one of them', () => {
  const phones = [{ serial: 'emulator-5554', state: 'device' }];
  expect(devicesFor({ phones, avds: ['pixel_8'], iphone: undefined })).toMatchObject([
    { driver: 'adb', target: 'emulator', serial: 'emulator-5554' },
  ]);
});

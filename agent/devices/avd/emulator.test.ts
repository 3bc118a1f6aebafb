import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RegisterAgent } from '../../../protocol/shapes/registration.ts';
import { DeviceEntries } from '../../device-entries.ts';
import {
  emulatorEntry,
  emulatorHost,
  killAndStartAnew,
  openEmulators,
} from '../../test-support/emulators.ts';
import { makeWorkspace, untilGone } from '../../test-support/host.ts';
import { leaseOf } from '../../test-support/leases.ts';
import { lookUntil } from '../../test-support/look-until.ts';
import { hasAdb } from '../../test-support/phones.ts';
import { startTestAgent } from '../../test-support/start-agent.ts';
import type { Device } from '../device.ts';
import { whyNoKvm } from './emulator-host.ts';

const withAdb = test.skipIf(!hasAdb());

const entry = emulatorEntry;

const why = async (device: Device | undefined): Promise<string | undefined> =>
  (await device?.examine?.())?.why;

withAdb('an emulator is benched with words while it boots, and is a phone of adb then', async () => {
  const host = await emulatorHost(['pixel']);
  host.put('hold');
  const [device] = openEmulators(entry, host.env);
  expect(await why(device)).toBe('it boots');
  await lookUntil(device, (words) => /^it boots since \d+ s$/.test(words));
  host.remove('hold');
  await lookUntil(device, (words) => words === 'well');
  const serial = device?.env.ANDROID_SERIAL ?? '';
  expect(device?.offer).toMatchObject({
    name: 'pixel',
    target: 'emulator',
    platform: 'android',
    os_version: '14',
    labels: { driver: 'avd', avd: 'pixel', serial, model: 'Fake Phone' },
  });
  const [start] = host.starts();
  const own = serial.replace('emulator-', '');
  expect(start?.words.join(' ')).toBe(
    `-avd pixel -port ${own} -no-window -gpu swiftshader_indirect -no-audio -no-boot-anim -no-snapshot-save -accel off`,
  );
  await device?.dispose?.();
  expect(host.killed()).toEqual([own]);
  for (const pid of [start?.pid, start?.worker]) await untilGone(pid ?? 0);
});

withAdb('several of one AVD are read-only, each with a port and a name of its own', async () => {
  const host = await emulatorHost(['pixel']);
  const devices = openEmulators(
    { ...entry, count: 2, name: 'rack', wipe_data: true, cold_boot: true },
    host.env,
  );
  await Promise.all(devices.map((device) => lookUntil(device, (words) => words === 'well')));
  expect(devices.map(({ offer }) => offer.name)).toEqual(['rack-1', 'rack-2']);
  expect(new Set(devices.map(({ env }) => env.ANDROID_SERIAL)).size).toBe(2);
  for (const { words } of host.starts())
    expect(words).toEqual(expect.arrayContaining(['-read-only', '-wipe-data', '-no-snapshot-load']));
});

withAdb(
  'one that ends is booted anew; one that ends at once says why, and is not started again at once',
  async () => {
    const host = await emulatorHost(['pixel']);
    const [device] = openEmulators(entry, host.env);
    await lookUntil(device, (words) => words === 'well');
    host.put('broken', 'INFO    | starting\nERROR   | No space left on device\n');
    process.kill(-(host.starts()[0]?.pid ?? 0), 'SIGKILL');
    await lookUntil(device, (words) => words === 'it boots anew: it ended: it said nothing');
    const later = await lookUntil(device, (words) => words.includes('No space left'));
    expect(later).toMatch(/^it ended: ERROR {3}\| No space left on device; it is started again in \d+ s$/);
    host.remove('broken');
    await lookUntil(device, (words) => words === 'well');
    expect(host.starts()).toHaveLength(3);
  },
);

withAdb('one that has ended leaves its port to others, and boots anew on another one', async () => {
  const host = await emulatorHost(['pixel']);
  // Apart from the ports that the other tests take and leave.
  const [device] = openEmulators({ ...entry, port: 5640 }, host.env);
  await lookUntil(device, (words) => words === 'well');
  const port = Number(device?.env.ANDROID_SERIAL?.replace('emulator-', ''));
  const [start] = host.starts();
  process.kill(-(start?.pid ?? 0), 'SIGKILL');
  for (const pid of [start?.pid, start?.worker]) await untilGone(pid ?? 0);
  const other = createServer();
  await once(other.listen(port, '127.0.0.1'), 'listening');
  onTestFinished(() => void other.close());
  await lookUntil(device, (words) => words === 'well');
  expect(device?.env.ANDROID_SERIAL).not.toBe(`emulator-${port}`);
  expect(host.starts()).toHaveLength(2);
});

test('what is missing on the host is said by its name, with what installs it', async () => {
  expect(await why(openEmulators(entry, { PATH: '/nowhere' })[0])).toMatch(/`sdkmanager emulator`/);
  const root = makeWorkspace();
  mkdirSync(join(root, 'emulator'));
  writeFileSync(join(root, 'emulator/emulator'), '#!/bin/sh\necho tablet\n');
  chmodSync(join(root, 'emulator/emulator'), 0o755);
  expect(await why(openEmulators(entry, { PATH: '/usr/bin:/bin', ANDROID_HOME: root })[0])).toMatch(
    /^there is no AVD pixel on this host \(there are: tablet\): `avdmanager create avd -n pixel /,
  );
  expect(whyNoKvm(join(root, 'kvm'))).toMatch(/needs KVM, and there is no .*"accel": false/);
  writeFileSync(join(root, 'kvm'), '');
  expect(whyNoKvm(join(root, 'kvm'))).toBeUndefined();
});

test('an AVD stands in the settings once', () => {
  const twice = DeviceEntries.safeParse([entry, { ...entry, name: 'other' }]);
  expect(twice.error?.issues[0]?.message).toMatch(/^pixel is named twice: `count` gives several/);
});

withAdb('an agent offers its emulator once it has booted, runs tests on it, and ends it', async () => {
  const host = await emulatorHost(['pixel']);
  const { server, stop } = await startTestAgent({
    files: { 'a.sh': 'adb -s "$QGJOB_DEVICE_UDID" shell getprop ro.product.model' },
    host: host.env,
    settings: { devices: [entry] },
    timing: { examineMs: 100 },
  });
  const faults = () =>
    server.callsOf('registerAgent').map(({ body }) => (body as RegisterAgent).devices[0]?.fault);
  await server.until(() => faults().length > 0);
  expect(faults()[0]).toBe('it boots');
  await server.until(() => faults().at(-1) === undefined);
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.logOf('job_a_sh')).toContain('Fake Phone');
  await stop();
  expect(host.killed()).toHaveLength(1);
});

withAdb(
  'an agent that is killed in the middle of a boot leaves no emulator after its next start',
  async () => {
    const host = await emulatorHost(['pixel']);
    host.put('hold');
    await killAndStartAnew(host, 'pixel  benched: it boots');
  },
);

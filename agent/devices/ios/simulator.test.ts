import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DeviceEntries } from '../../device-entries.ts';
import { hostIn } from '../../test-support/device-host.ts';
import { makeWorkspace, untilFile, untilGone, untilTrue } from '../../test-support/host.ts';
import { lookUntil } from '../../test-support/look-until.ts';
import { type XcodeHost, xcodeHost } from '../../test-support/xcode.ts';
import type { Device } from '../device.ts';
import { openDevices } from '../open-devices.ts';
import type { RecordedAttempt } from '../recording.ts';

const made = { driver: 'simctl', target: 'emulator/ios', device_type: 'iPhone 16' };
const there = { udid: 'AAAA-1', name: 'iPhone 16', state: 'Shutdown', isAvailable: true, apps: [] };
const taken = { driver: 'simctl', target: 'emulator/ios', udid: 'AAAA-1' };

/** A device of these settings, whose agent keeps its things in `folder`. */
function open(settings: object, env: Readonly<Record<string, string>>, folder = makeWorkspace()): Device {
  const [device] = openDevices(DeviceEntries.parse([settings]), hostIn(folder, { env }));
  onTestFinished(async () => device?.dispose?.());
  return device as Device;
}

const isWell = (words: string): boolean => words === 'well';

/** An app as a simulator takes it: a tar of its folder. The stand-in names an app by its folder. */
function buildOf(bundleId: string): string {
  const folder = makeWorkspace();
  const app = join(folder, `${bundleId}.app`);
  mkdirSync(app);
  const plist = `<?xml version="1.0"?><plist version="1.0"><dict><key>CFBundleIdentifier</key><string>${bundleId}</string></dict></plist>`;
  writeFileSync(join(app, 'Info.plist'), plist);
  execFileSync('tar', ['-cf', join(folder, 'app.ipa'), '-C', folder, `${bundleId}.app`]);
  return join(folder, 'app.ipa');
}

const install = (device: Device, path: string) =>
  device.install?.(
    { path, packageName: undefined },
    { timeoutMs: 60_000, signal: new AbortController().signal },
  );

const attemptIn = (folder: string): RecordedAttempt => ({
  folder,
  orgId: 'acme',
  appVersionId: 'v1',
  target: 'emulator/ios',
  leaseId: 'lse_1',
  runId: 'run_1',
  jobId: 'job_1',
  testPath: 'a.test.ts',
  attempt: 1,
});

test('a simulator is made, benched with words while it boots, offered, and deleted at the end', async () => {
  const host = xcodeHost();
  host.put('hold');
  const device = open(made, host.env);
  expect((await device.examine?.())?.why).toBe('it boots');
  await lookUntil(device, (words) => /^it boots since \d+ s$/.test(words));
  host.remove('hold');
  await lookUntil(device, isWell);
  await lookUntil(device, isWell);
  const [one] = host.simulators();
  expect(one).toMatchObject({ name: 'qgjob-test-iPhone-16-1', state: 'Booted' });
  expect(device.env).toEqual({ QGJOB_DEVICE_UDID: one?.udid });
  expect(device.offer).toMatchObject({
    name: 'iPhone-16-1',
    platform: 'ios',
    os_version: '18.0',
    labels: { driver: 'simctl', udid: one?.udid, model: 'iPhone 16' },
  });
  await device.dispose?.();
  expect(host.simulators()).toEqual([]);
});

test('a simulator that was there is booted, and stays', async () => {
  const host = xcodeHost([there]);
  const device = open(taken, host.env);
  await lookUntil(device, isWell);
  await device.dispose?.();
  expect(host.simulators()).toMatchObject([{ udid: 'AAAA-1', state: 'Booted' }]);
});

test('one that was shut down or deleted meanwhile is booted, or made, anew', async () => {
  const host = xcodeHost();
  const device = open(made, host.env);
  await lookUntil(device, isWell);
  const [first] = host.simulators();
  execFileSync('xcrun', ['simctl', 'shutdown', first?.udid ?? ''], { env: host.env });
  await lookUntil(device, (words) => words === 'it boots');
  await lookUntil(device, isWell);
  execFileSync('xcrun', ['simctl', 'delete', first?.udid ?? ''], { env: host.env });
  await lookUntil(device, (words) => words === 'it was deleted; another one is made');
  await lookUntil(device, isWell);
  expect(host.simulators().map(({ udid }) => udid)).not.toContain(first?.udid);
});

test('what is wrong is said: no Mac, no such simulator, a boot that fails', async () => {
  const without = await open(made, { PATH: '/nowhere' }).examine?.();
  expect(without?.why).toMatch(/need a Mac with Xcode: there is no xcrun|install Xcode/);
  const host = xcodeHost([]);
  expect((await open(taken, host.env).examine?.())?.why).toMatch(/^there is no simulator AAAA-1 on this Mac/);
  host.put('boot-failure', 'Unable to boot device due to insufficient system resources.');
  const why = await lookUntil(open(made, host.env), (words) => words.startsWith('it did not boot'));
  expect(why).toBe('it did not boot: Unable to boot device due to insufficient system resources.');
});

test('an app is unpacked, installed and granted what it may use; another org finds it gone', async () => {
  const host = xcodeHost([there]);
  const device = open({ ...taken, grant: ['photos'] }, host.env);
  await lookUntil(device, isWell);
  await device.reset?.({ orgId: 'acme' });
  expect(await install(device, buildOf('com.example.my-shop'))).toEqual({ ok: true, installs: 1 });
  expect(host.calls()).toContain('simctl privacy AAAA-1 grant photos com.example.my-shop');
  expect(await device.stillHasApp?.()).toBe(true);
  // As a test of an update does it.
  const update = ['simctl', 'install', 'AAAA-1', '/builds/com.example.my-shop.app'];
  execFileSync('xcrun', update, { env: host.env });
  expect(await device.stillHasApp?.()).toBe(false);
  // Somebody else is about to install it.
  await device.noteApp?.({ path: buildOf('com.example.other'), packageName: undefined });
  execFileSync('xcrun', ['simctl', 'install', 'AAAA-1', '/builds/com.example.other.app'], { env: host.env });
  await device.reset?.({ orgId: 'globex' });
  expect(await device.stillHasApp?.()).toBe(false);
  expect(host.simulators()[0]?.apps).toEqual([]);
});

test.each([
  ['Failed to install the requested application: missing bundle ID.', 'build_error'],
  ['Unable to lookup in current state: Shutdown', 'infra_error'],
  ['Something new', 'install_failed'],
])('an install that fails with "%s" is a %s', async (words, kind) => {
  const host = xcodeHost([there]);
  host.put('install-failure', words);
  const device = open(taken, host.env);
  await lookUntil(device, isWell);
  expect(await install(device, buildOf('com.example.shop'))).toMatchObject({
    ok: false,
    class: kind,
    why: words,
  });
});

test('a build without an .app is a build_error', async () => {
  const device = open(taken, xcodeHost([there]).env);
  await lookUntil(device, isWell);
  const folder = makeWorkspace({ 'notes.txt': 'no app' });
  execFileSync('tar', ['-cf', join(folder, 'app.ipa'), '-C', folder, 'notes.txt']);
  expect(await install(device, join(folder, 'app.ipa'))).toMatchObject({
    class: 'build_error',
    why: 'there is no .app in it: a simulator takes a zip or tar of one',
  });
});

/** What is kept of an attempt that ended so. */
async function record(
  host: XcodeHost,
  settings: object,
  verdict: 'passed' | 'failed',
): Promise<Record<string, string>> {
  const device = open(settings, host.env);
  await lookUntil(device, isWell);
  const folder = mkdtempSync(join(makeWorkspace(), 'record-'));
  const recording = await device.record?.(attemptIn(folder));
  await untilFile(join(folder, 'screen.mp4'));
  host.put('line', 'App: about to end\n');
  await untilTrue(() => readFileSync(join(folder, 'log.txt'), 'utf8').includes('about to end'));
  await recording?.end({ verdict });
  await device.dispose?.();
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

test('the log and the screen of an attempt that did not pass are kept, of others the log alone', async () => {
  const log = expect.stringContaining('App: about to end');
  expect(await record(xcodeHost([there]), taken, 'failed')).toEqual({
    'log.txt': log,
    'screen.mp4': 'whole',
  });
  expect(await record(xcodeHost([there]), taken, 'passed')).toEqual({ 'log.txt': log });
  expect(await record(xcodeHost([there]), { ...taken, video: 'on' }, 'passed')).toHaveProperty(
    ['screen.mp4'],
    'whole',
  );
});

test('simulators that a killed agent left are deleted by the next look, and no others', async () => {
  const left = { ...there, udid: 'LEFT-1', name: 'qgjob-test-iPhone-16-1', state: 'Booted' };
  const host = xcodeHost([there, left, { ...there, udid: 'OTHER-1', name: 'qgjob-other-iPhone-16-1' }]);
  await lookUntil(open(taken, host.env), isWell);
  expect(host.simulators().map(({ udid }) => udid)).toEqual(['AAAA-1', 'OTHER-1']);
});

test('a recording that a killed agent left is ended by the next look', async () => {
  const host = xcodeHost([there]);
  const folder = makeWorkspace();
  const video = join(folder, 'screen.mp4');
  const words = ['simctl', 'io', 'AAAA-1', 'recordVideo', '--force', video];
  const { pid } = spawn('xcrun', words, { env: host.env, stdio: 'ignore', detached: true });
  await untilFile(video);
  await lookUntil(open(taken, host.env, folder), isWell);
  await untilGone(pid ?? 0);
});

test('a simulator is named by one of its UDID and its type', () => {
  const messageOf = (settings: object) => DeviceEntries.safeParse([settings]).error?.issues[0]?.message;
  const neither = { driver: 'simctl', target: 'emulator/ios' };
  expect(messageOf(neither)).toMatch(/either a `udid`.*or a `device_type`/);
  expect(messageOf({ ...made, udid: 'AAAA-1' })).toMatch(/either a `udid`/);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { namePattern } from '../protocol/ids.ts';
import { readConfig } from './config.ts';
import { AgentFile } from './config-shape.ts';
import { openDevices } from './devices/open-devices.ts';
import { hostIn } from './test-support/device-host.ts';
import { makeWorkspace } from './test-support/host.ts';

const token = 'the-token-of-the-agent';
const devices = [{ driver: 'simulated', target: 'device/pixel-8', count: 2 }];

function configOf(file: unknown, host: Record<string, string> = {}) {
  const root = makeWorkspace();
  writeFileSync(join(root, 'qgjob.agent.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return { root, config: () => readConfig({ token }, root, host) };
}

const anyHost = hostIn(tmpdir());

test('without a file there are 2 simulated devices of each target and the current folder', () => {
  const root = makeWorkspace();
  const config = readConfig({ token }, root, {});
  expect(config).toMatchObject({ workspace: root, dataDir: join(root, '.qgjob/agent') });
  expect(config.name).toMatch(namePattern);
  expect(config.frameworks.default).toBe('playwright');
  expect(openDevices(config.devices, anyHost).map((device) => device.offer.name)).toEqual([
    'simulated-emulator-1',
    'simulated-emulator-2',
    'simulated-device-1',
    'simulated-device-2',
    'simulated-browserstack-1',
    'simulated-browserstack-2',
    'simulated-browser-1',
    'simulated-browser-2',
  ]);
});

test('paths of a file count from where it lies', () => {
  const root = makeWorkspace({ 'ci/agent.json': '{"name": "rack-1", "sources": {"workspace": ".."}}' });
  const config = readConfig({ token, config: 'ci/agent.json' }, root, {});
  expect(config).toMatchObject({ name: 'rack-1', workspace: root, dataDir: join(root, 'ci/.qgjob/agent') });
});

test('a name on the command line wins, and dev takes the default devices', () => {
  const { root } = configOf({ name: 'rack-1', devices });
  const config = readConfig({ token, name: 'other', simulated: true }, root, {});
  expect([config.name, config.devices.length]).toEqual(['other', 4]);
});

test('devices of one target are numbered through, a pool is part of the name', () => {
  const { config } = configOf({ devices: [...devices, ...devices] });
  expect(openDevices(config().devices, anyHost).map((device) => device.offer.name)).toEqual(
    [1, 2, 3, 4].map((number) => `simulated-device-pixel-8-${number}`),
  );
});

const refused: [what: string, file: unknown, says: RegExp][] = [
  ['something that is not JSON', '{"name": ', /qgjob\.agent\.json: not JSON/],
  ['an unknown key', { nmae: 'x' }, /qgjob\.agent\.json: Unrecognized key: "nmae"/],
  ['a bad value inside', { devices: [{ ...devices[0], count: 0 }] }, /devices\[0\]\.count: /],
  [
    'an unknown target',
    { devices: [{ ...devices[0], target: 'moon' }] },
    /devices\[0\]\.target: unknown target "moon"/,
  ],
  ['an unknown driver', { devices: [{ driver: 'nokia' }] }, /devices\[0\]\.driver: unknown driver/],
  [
    'an unknown driver',
    { devices: [{ driver: 'toaster' }] },
    /devices\[0\].*unknown driver; this version drives simulated, adb, avd, simctl, devicectl, browser, browserstack and set$/,
  ],
  [
    'a phone among simulated devices',
    { devices: [...devices, { driver: 'adb', target: 'device/pixel-8', serial: 'SER1' }] },
    /devices: the target device\/pixel-8 is offered by simulated devices and phones: .* like device\/another$/,
  ],
  [
    'a desktop among phones of BrowserStack',
    {
      devices: [
        { driver: 'browserstack', target: 'browserstack', device: 'Google Pixel 8', os_version: '14.0' },
        {
          ...{ driver: 'browserstack', target: 'browserstack', os: 'Windows', os_version: '11' },
          browser: 'chrome',
        },
      ],
    },
    /the target browserstack is offered by phones at BrowserStack and desktop browsers at BrowserStack: /,
  ],
  [
    'a phone where BrowserStack is meant',
    { devices: [{ driver: 'adb', target: 'browserstack/pixel-8', serial: 'SER1' }] },
    /devices\[0\]\.target: the driver adb offers emulator, device or a pool of one/,
  ],
  ['no devices', { devices: [] }, /devices: name at least one device/],
  ['an unknown framework', { frameworks: { calabash: {} } }, /frameworks: Unrecognized key: "calabash"/],
  [
    'command as the default without one',
    { frameworks: { default: 'command' } },
    /frameworks\.command: is missing/,
  ],
  [
    'a command that is a text',
    { frameworks: { command: { test: 'npm test' } } },
    /frameworks\.command\.test: /,
  ],
  ['an empty command', { frameworks: { command: { test: [] } } }, /frameworks\.command\.test/],
  [
    'an install of a test',
    { frameworks: { command: { install: ['x', '{test}'], test: ['x'] } } },
    /frameworks\.command\.install: /,
  ],
  ['an empty repository', { sources: { git: { allow: [''] } } }, /sources\.git\.allow\[0\]: /],
  [
    'a workspace that is not there',
    { sources: { workspace: 'nowhere' } },
    /sources\.workspace: there is no folder/,
  ],
  ['a secret that is too short', { redact: ['abc'] }, /redact\[0\]: /],
];

test.each(refused)('%s is refused in one line', (_what, file, says) => {
  const { config } = configOf(file);
  expect(config).toThrow(says);
  expect(config).not.toThrow(/\n/);
});

test('phones, emulators and simulators may share a target', () => {
  const { config } = configOf({
    devices: [
      { driver: 'adb', target: 'device/any', serial: 'SER1' },
      { driver: 'avd', target: 'device/any', avd: 'pixel_8' },
    ],
  });
  expect(config().devices).toHaveLength(2);
});

test('a file that is named must be there', () => {
  expect(() => readConfig({ token, config: 'mine.json' }, makeWorkspace(), {})).toThrow(
    /there is no file .*mine\.json/,
  );
});

test('a bad name on the command line is refused', () => {
  expect(() => readConfig({ token, name: 'a b' }, makeWorkspace(), {})).toThrow(
    /--name "a b" is not allowed/,
  );
});

test('tests see an allow-list of variables, those that are named, and never the token', () => {
  const { config } = configOf(
    { env: ['BASE_URL', 'QGJOB_TOKEN'] },
    {
      PATH: '/bin',
      AWS_SECRET: 'x',
      BASE_URL: 'http://x',
      QGJOB_TOKEN: token,
      NODE_OPTIONS: `--title=${token}`,
    },
  );
  expect(config().childEnv).toEqual({ PATH: '/bin', BASE_URL: 'http://x', CI: '1' });
});

test('the JSON schema that editors read is that of the code', () => {
  const schema = z.toJSONSchema(AgentFile, { io: 'input' });
  const path = join(import.meta.dirname, 'agent-config.schema.json');
  expect(JSON.parse(readFileSync(path, 'utf8')), `it should be\n${JSON.stringify(schema)}`).toEqual(schema);
});

import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../test-support/host.ts';

/** What becomes of a suite's own configuration, as a process of Detox would load it; and the configuration of Jest that it names. */
function adapt(
  own: object,
  more: { readonly serial?: string; readonly configuration?: string } = {},
): { readonly config: Record<string, unknown>; readonly jest: string } {
  const root = makeWorkspace({ '.detoxrc.json': JSON.stringify(own) });
  for (const name of ['detox.config.cjs', 'tell.cjs'])
    copyFileSync(join(import.meta.dirname, name), join(root, name));
  writeFileSync(join(root, 'channel.json'), JSON.stringify({ own: join(root, '.detoxrc.json'), ...more }));
  const script = `const config = require('./detox.config.cjs');
    console.log(JSON.stringify({ config, jest: process.env.QGJOB_JEST_CONFIG }));`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
  return JSON.parse(stdout.replaceAll(root, '.'));
}

const devices = {
  phone: { type: 'android.attached', device: { adbName: '.*' } },
  simulator: { type: 'ios.simulator', device: { type: 'iPhone 15' } },
  emulator: {
    type: 'android.emulator',
    device: { avdName: 'Pixel' },
    headless: true,
    readonly: true,
    gpuMode: 'auto',
    bootArgs: '-no-audio',
    utilBinaryPaths: ['util.apk'],
  },
  other: { type: './driver.js', device: { name: 'rack' } },
};
const runner = { args: { config: './jest.config.cjs', _: [] }, retries: 0, bail: false };

test('the device of the lease takes the place of a phone, a simulator and an emulator of the configuration', () => {
  expect(adapt({ devices }, { serial: '10.0.0.7:5555' }).config.devices).toEqual({
    phone: { type: 'android.attached', device: { adbName: '^10\\.0\\.0\\.7:5555$' } },
    simulator: { type: 'ios.simulator', device: { id: '10.0.0.7:5555' } },
    emulator: {
      type: 'android.attached',
      device: { adbName: '^10\\.0\\.0\\.7:5555$' },
      utilBinaryPaths: ['util.apk'],
    },
    other: devices.other,
  });
  expect(adapt({ devices }).config.devices).toEqual(devices);
  const inline = { configurations: { one: { device: devices.phone } } };
  expect(adapt(inline, { serial: 'SER1' }).config.configurations).toEqual({
    one: { device: { type: 'android.attached', device: { adbName: '^SER1$' } } },
  });
});

test('Detox runs no file again by itself, and Jest gets a configuration that extends that of the suite', () => {
  const theirs = {
    testRunner: { args: { $0: 'jest', config: 'e2e/jest.js', _: ['e2e'] }, retries: 3, bail: true },
  };
  const { config, jest } = adapt(theirs);
  expect(config.testRunner).toEqual({ ...runner, args: { ...runner.args, $0: 'jest' } });
  expect(jest).toBe('./e2e/jest.js');
});

test('a runner of one configuration, and one in the old words, are no way around that', () => {
  const local = { configurations: { one: { testRunner: { retries: 3, args: { config: 'local.js' } } } } };
  const { config, jest } = adapt(local);
  expect(config.configurations).toEqual({ one: { testRunner: runner } });
  expect(jest).toBe('./local.js');
  const old = adapt({ testRunner: 'jest', runnerConfig: 'e2e/config.json', specs: 'e2e' });
  expect(old.config).toEqual({ testRunner: runner, devices: {}, configurations: {} });
  expect(old.jest).toBe('./e2e/config.json');
});

test('the configuration of Jest is that of the configuration of Detox that is run', () => {
  const runnerOf = (config: string): object => ({ testRunner: { args: { config } } });
  const own = {
    ...runnerOf('all.js'),
    configurations: { debug: runnerOf('debug.js'), release: runnerOf('release.js'), plain: {} },
  };
  const jestOf = (selectedConfiguration?: string, configuration?: string): string =>
    adapt({ ...own, selectedConfiguration }, { configuration }).jest;
  expect(jestOf('debug', 'release')).toBe('./release.js');
  expect(jestOf('release')).toBe('./release.js');
  expect(jestOf('debug', 'plain')).toBe('./all.js');
  expect(jestOf()).toBe('./all.js');
});

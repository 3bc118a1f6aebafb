// The suite's own configuration of Detox, for one process and its device. A configuration beside the suite's own, which is
// written for the process, loads it.
'use strict';
const { readFileSync } = require('node:fs');
const { basename, extname, join, resolve } = require('node:path');
const { channel } = require('./tell.cjs');

function load(path) {
  if (['.js', '.cjs'].includes(extname(path))) return require(path);
  const text = JSON.parse(readFileSync(path, 'utf8'));
  return basename(path) === 'package.json' ? text.detox : text;
}

/** The one that this process runs, as Detox chooses it. */
function selectOf({ configurations = {}, selectedConfiguration }) {
  const name = channel.configuration || process.env.DETOX_CONFIGURATION || selectedConfiguration;
  const all = Object.values(configurations);
  return name ? configurations[name] : all.length === 1 ? all[0] : undefined;
}

/** The suite's own configuration of Jest, for jest.config.cjs, which runs in a process of this one. */
function nameJest({ testRunner, runnerConfig }, local) {
  const named = local?.testRunner?.args?.config ?? testRunner?.args?.config ?? runnerConfig;
  const path = channel.jest ?? (named && resolve(named));
  if (path) process.env.QGJOB_JEST_CONFIG = path;
}

/** The queue runs a failed file again, and one file's failures must not end the others. */
const adaptRunner = (runner) => ({
  ...runner,
  retries: 0,
  bail: false,
  args: { ...runner?.args, _: [], config: join(__dirname, 'jest.config.cjs') },
});

/** Of an emulator that Detox starts itself; it refuses them in one that is there. */
const bootWords = new Set(['bootArgs', 'gpuMode', 'headless', 'readonly']);

/** The device of the lease. An emulator of it runs already: one by its AVD would be another one. `adbName` is an expression. */
function adaptDevice(device) {
  const { serial } = channel;
  if (serial === undefined) return device;
  if (device?.type === 'ios.simulator') return { ...device, device: { id: serial } };
  if (!['android.attached', 'android.emulator'].includes(device?.type)) return device;
  const kept = Object.fromEntries(Object.entries(device).filter(([name]) => !bootWords.has(name)));
  const adbName = `^${serial.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
  return { ...kept, type: 'android.attached', device: { adbName } };
}

const mapValues = (object = {}, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

/** @returns {Record<string, unknown>} */
function adapt() {
  const {
    'runner-config': old,
    runnerConfig = old,
    testRunner,
    'test-runner': _old,
    specs: _specs,
    ...own
  } = load(channel.own);
  const configurations = mapValues(own.configurations, (one) => ({
    ...one,
    ...(typeof one.device === 'object' && { device: adaptDevice(one.device) }),
    ...(one.testRunner && { testRunner: adaptRunner(one.testRunner) }),
  }));
  const runner = typeof testRunner === 'object' ? testRunner : undefined;
  nameJest({ testRunner: runner, runnerConfig }, selectOf(own));
  return {
    ...own,
    testRunner: adaptRunner(runner),
    devices: mapValues(own.devices, adaptDevice),
    configurations,
  };
}

module.exports = adapt();

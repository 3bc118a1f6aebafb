// Runs before the tests of each file, where Detox's device is. Detox would install the app for each file; here it does so
// before the first one that needs it, and what tests install themselves is counted too.
'use strict';
const { existsSync, writeFileSync } = require('node:fs');

/** As the suite has it: this file lies elsewhere. */
const fromSuite = (name) => require(require.resolve(name, { paths: [process.cwd()] }));
// Jest answers this name by itself.
const { beforeAll } = require('@jest/globals');
const { device } = fromSuite('detox');
const { config } = fromSuite('detox/internals');
const { channel, tell, textOf } = require('./tell.cjs');

const install = device.installApp.bind(device);
device.installApp = async (...words) => {
  await install(...words);
  tell({ event: 'install' });
};

/** As Detox does it for its `reinstallApp`: each binary once. */
async function installAll() {
  const apps = new Map(
    Object.entries(config.apps ?? {}).map(([name, app]) => [`${app.binaryPath}:${app.testBinaryPath}`, name]),
  );
  const names = [...apps.values()];
  for (const name of names) {
    await device.selectApp(name);
    await device.uninstallApp();
  }
  for (const name of names) {
    await device.selectApp(name);
    await device.installApp();
  }
  const all = Object.keys(config.apps ?? {});
  await device.selectApp(all.length === 1 ? all[0] : null);
}

beforeAll(async () => {
  const { installed } = channel;
  if (installed === '' || existsSync(installed)) return;
  try {
    await installAll();
    writeFileSync(installed, '');
  } catch (error) {
    // Set by environment.cjs: `expect` is Detox's own here.
    const file = globalThis.qgjobFile;
    tell({ event: 'lost', file, message: `the app could not be installed: ${textOf(error)}` });
    throw error;
  }
}, 300_000);

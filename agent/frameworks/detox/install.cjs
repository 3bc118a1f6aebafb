// Runs before the tests of each file, where Detox's device is. Detox would install the app for each file; here it does so
// before the first one that needs it, and what tests install themselves is counted too.
'use strict';
const { existsSync, rmSync, writeFileSync } = require('node:fs');

/** As the suite has it: this file lies elsewhere. */
const fromSuite = (name) => require(require.resolve(name, { paths: [process.cwd()] }));
// Jest answers this name by itself.
const { beforeAll } = require('@jest/globals');
const { device } = fromSuite('detox');
const { config } = fromSuite('detox/internals');
const { channel, tell, textOf } = require('./tell.cjs');

const { installed } = channel;
const isMarked = () => installed !== '' && existsSync(installed);
const unmark = () => installed !== '' && rmSync(installed, { force: true });
/** A test has uninstalled an app of the mark, and done nothing else with apps since: what `launchApp({ delete: true })` does. */
let isHalfway = false;

const install = device.installApp.bind(device);
device.installApp = async (...words) => {
  const isBack = isHalfway && words.length === 0;
  isHalfway = false;
  // Another build may be there from now on.
  if (words.length > 0) unmark();
  await install(...words);
  if (isBack) writeFileSync(installed, '');
  tell({ event: 'install' });
};

const uninstall = device.uninstallApp.bind(device);
device.uninstallApp = async (...words) => {
  isHalfway = words.length === 0 && isMarked();
  unmark();
  await uninstall(...words);
};

const select = device.selectApp.bind(device);
device.selectApp = async (...words) => {
  isHalfway = false;
  await select(...words);
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
  if (installed === '' || isMarked()) return;
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

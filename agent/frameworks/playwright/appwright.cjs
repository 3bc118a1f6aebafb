// Runs in each process of AppWright, which loads the generated configuration: it gives the suite the device of the lease
// and its app, and tells of each install. AppWright (0.1.1 was tried) starts an Appium for each test on one port and leaves
// it there, so that the next test fails; on an emulator it takes whichever device Appium sees first; and each of its
// sessions installs the app anew.
'use strict';
const childProcess = require('node:child_process');
const { join } = require('node:path');

const providers = ['emulator', 'local', 'browserstack'];
/** Those that run on a device of the host; without one AppWright says itself what is missing. */
const ofHost = [undefined, 'emulator', 'local-device'];

/**
 * @param {object} own The suite's own configuration, which is changed.
 * @param {object} options
 * @param {string} options.project The one that runs.
 * @param {string} options.home Where AppWright is installed.
 * @param {string} options.nonce In the mark of an event.
 * @param {string=} options.udid The device.
 * @param {string=} options.path The app on this host.
 * @param {string=} options.uploaded The app in the cloud.
 */
module.exports = function adaptAppwright(own, { project, home, nonce, udid, path, uploaded }) {
  for (const one of own.projects ?? []) if (one.name === project) giveApp(own, one, { udid, path, uploaded });
  if (process.env.TEST_WORKER_INDEX !== undefined) watchDevices({ home, nonce, udid });
};

function giveApp(own, project, { udid, path, uploaded }) {
  project.use = { ...project.use };
  const { use } = project;
  // As Playwright merges them.
  use.device ??= own.use?.device;
  const stack = process.env.QGJOB_BROWSERSTACK_CAPABILITIES;
  const problem = whyNot(project, stack);
  if (problem) throw new Error(problem);
  if (stack) use.device = { ...use.device, ...phoneOf(project, JSON.parse(stack)) };
  if (path) use.buildPath = path;
  if (udid && use.device) use.device = { ...use.device, udid };
  if (!uploaded || use.device?.provider !== 'browserstack') return;
  // Its own set-up uploads the app again for each process.
  own.globalSetup = undefined;
  process.env[`BROWSERSTACK_APP_URL_${project.name.toUpperCase()}`] = uploaded;
}

/** Tests that run elsewhere than on the device of the lease would pass for it. */
function whyNot({ name, use }, stack) {
  const provider = use.device?.provider;
  if (stack ? provider === 'browserstack' : ofHost.includes(provider)) return undefined;
  const has = `the project ${name} of appwright.config has the device provider ${provider ?? '(none)'}`;
  return stack
    ? `${has}, and this target is at BrowserStack: give it use.device.provider 'browserstack', or name another project in frameworks.appwright.project`
    : `${has}, and this target is a device of the agent's host: give it 'emulator' or 'local-device'; for 'browserstack' submit it to a target of the driver browserstack`;
}

/** AppWright makes the capabilities of its session itself, from these. */
function phoneOf({ name }, { 'bstack:options': { deviceName, osVersion } = {} }) {
  if (deviceName) return { name: deviceName, osVersion };
  throw new Error(
    `the project ${name} of appwright.config needs a phone, and this target is a desktop browser at BrowserStack: submit it to a target with a device`,
  );
}

/** In a worker. */
function watchDevices({ home, nonce, udid }) {
  endAppiumBetweenTests();
  for (const Provider of providers.map((name) => findProvider(home, name)).filter(Boolean)) {
    const { getDevice, createConfig } = Provider.prototype;
    Provider.prototype.getDevice = async function (...words) {
      const device = await getDevice.apply(this, words);
      process.stdout.write(`\u001b]qgjob;${nonce};{"event":"installed"}\u0007`);
      return device;
    };
    if (udid === undefined || createConfig === undefined) continue;
    Provider.prototype.createConfig = async function (...words) {
      const config = await createConfig.apply(this, words);
      config.capabilities['appium:udid'] = udid;
      return config;
    };
  }
}

function findProvider(home, name) {
  let found;
  try {
    found = require(join(home, 'dist/providers', name));
  } catch {
    // This version has no such provider.
  }
  return Object.values(found ?? {}).find((one) => one?.prototype?.getDevice);
}

/** Appium runs in a group of its own, which is ended before the next one starts, and with the worker. */
function endAppiumBetweenTests() {
  const { spawn } = childProcess;
  let group;
  const end = () => {
    try {
      // Its session has ended with the test. It has no time to end by itself: the next one needs its port.
      if (group !== undefined) process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    group = undefined;
  };
  childProcess.spawn = (program, words, options) => {
    if (program !== 'npx' || words?.length !== 1 || words[0] !== 'appium')
      return spawn(program, words, options);
    end();
    const child = spawn(program, words, { ...options, detached: true });
    group = child.pid;
    return child;
  };
  process.on('exit', end);
}

// Runs in each worker of AppWright, which loads the generated configuration too. AppWright (0.1.1 was tried) starts an
// Appium for each test on one port and leaves it there, so that the next test fails; on an emulator it takes whichever
// device Appium sees first; and each of its sessions installs the app anew.
'use strict';
const childProcess = require('node:child_process');
const { join } = require('node:path');

const providers = ['emulator', 'local', 'browserstack'];

/**
 * Nothing outside of a worker.
 * @param {{ home: string, nonce: string, udid?: string }} options Where AppWright is installed; the mark of an event; the device.
 */
module.exports = function tameAppwright({ home, nonce, udid }) {
  if (process.env.TEST_WORKER_INDEX === undefined) return;
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
};

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

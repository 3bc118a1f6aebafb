// Runs in each process of Mobilewright, which loads the generated configuration: it gives the suite the device of the
// lease and its app, tells of each install, and gives this run a server of mobilecli of its own.
'use strict';
const { mkdtempSync, rmSync } = require('node:fs');
const { createRequire } = require('node:module');
const { createServer } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Bytes of the path of a socket, on the system that takes the fewest. */
const longestSocket = 103;

/**
 * @param {object} own The suite's own configuration, which its tests may read again: it is changed itself.
 * @param {Function} Device Mobilewright's.
 * @param {object} options
 * @param {{ deviceId?: string, installApps?: string | string[] }} options.ours
 * @param {string} options.home Where Mobilewright is installed.
 * @param {string} options.nonce In the mark of an event.
 */
module.exports = function adaptMobilewright(own, Device, { ours, home, nonce }) {
  Object.assign(own, ours);
  own.use = { ...own.use, ...ours };
  for (const project of own.projects ?? []) project.use = { ...project.use, ...ours };
  useOwnServer(home);
  if (process.env.TEST_WORKER_INDEX === undefined) return shortenHome();
  const install = Device.prototype.installApp;
  Device.prototype.installApp = async function (...words) {
    await install.apply(this, words);
    process.stdout.write(`\u001b]qgjob;${nonce};{"event":"installed"}\u0007`);
  };
};

/**
 * All runs on a host would share the server on one port, and the run that has started it ends it with itself, under the
 * tests of the others. A suite that names an address of its own keeps it.
 */
function useOwnServer(home) {
  const { MobilecliDriver, DEFAULT_URL } = findDriver(home);
  for (const name of ['prepare', 'connect']) {
    const call = MobilecliDriver?.prototype[name];
    if (call === undefined) continue;
    MobilecliDriver.prototype[name] = async function (...words) {
      if (this.serverUrl === DEFAULT_URL) this.serverUrl = `ws://localhost:${await ownPort()}/ws`;
      return call.apply(this, words);
    };
  }
}

/** mobilecli refuses a folder of its own that is too far down for a socket. Workers have the variables of the run. */
function shortenHome() {
  const given = process.env.MOBILECLI_HOME ?? '';
  if (Buffer.byteLength(join(given, 'daemon.sock')) <= longestSocket) return;
  const short = mkdtempSync(join(tmpdir(), 'qgjob-mobilecli-'));
  process.env.MOBILECLI_HOME = short;
  process.on('exit', () => rmSync(short, { recursive: true, force: true }));
}

function findDriver(home) {
  try {
    return createRequire(join(home, 'package.json'))('@mobilewright/driver-mobilecli');
  } catch {
    // This version has no such driver.
    return {};
  }
}

/** The port for the run and its workers. */
async function ownPort() {
  process.env.QGJOB_MOBILECLI_PORT ??= String(await findFreePort());
  return process.env.QGJOB_MOBILECLI_PORT;
}

function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, 'localhost', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

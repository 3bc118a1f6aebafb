// Changes the suite's configuration for one process and its device. Runs in the launcher and in the worker of WebdriverIO,
// which both load the configuration.
'use strict';
const { readFileSync, rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { state, tell, QgjobReporter, stayAtSignals, tellLoadError } = require('./worker.cjs');

/**
 * @typedef {object} Channel
 * @property {string} nonce In the mark of each event.
 * @property {string} control A file to which the agent appends orders, one JSON a line.
 * @property {string} hooks The path of worker.cjs.
 * @property {string} session A file in which the worker leaves the address of its session, as long as there is one.
 * @property {string[]} specs The files to run, as URLs.
 * @property {string=} grep Only tests whose title matches.
 * @property {string} app A path or an address; empty: none.
 * @property {boolean} isInstalled The agent has put the app on the device.
 * @property {boolean=} isBrowser The device is a browser of the host.
 */

/**
 * The suite's configuration, for one process with one worker and one session.
 * @param {Record<string, any>} own
 * @param {Channel} channel
 */
function adaptConfig(own, channel) {
  state.channel = channel;
  const problem = whyNot(own, channel);
  if (problem) {
    tell({ event: 'rejected', message: problem, n: undefined });
    throw new Error(problem);
  }
  state.grep = own.mochaOpts?.grep;
  state.isInverted = own.mochaOpts?.invert === true;
  if (process.env.WDIO_WORKER_ID !== undefined) stayAtSignals();
  return {
    ...own,
    specs: [channel.specs],
    suites: {},
    exclude: [],
    maxInstances: 1,
    maxInstancesPerCapability: 1,
    // A failed file is run again by the queue, and one file's failures must not end the others.
    specFileRetries: 0,
    bail: 0,
    // A shard of these files leaves tests of them out, and nobody runs them.
    shard: { total: 1, current: 1 },
    // Else the output of a worker comes at its end.
    groupLogsByTestSpec: false,
    capabilities: adaptAll(own.capabilities, channel),
    mochaOpts: {
      ...own.mochaOpts,
      bail: false,
      require: [...[own.mochaOpts?.require ?? []].flat(), channel.hooks],
    },
    reporters: [...(own.reporters ?? []), [QgjobReporter, {}]],
    onPrepare: [...[own.onPrepare ?? []].flat(), takePorts],
    onWorkerEnd: [...[own.onWorkerEnd ?? []].flat(), endSession],
    after: [...[own.after ?? []].flat(), tellLoadError],
    ...(process.env.QGJOB_BROWSERSTACK_CAPABILITIES && atStack(own)),
  };
}

/** A lease of BrowserStack runs there, wherever the suite's own sessions would: else a phone at hand would give its verdict. */
function atStack({ services = [] }) {
  const { QGJOB_BROWSERSTACK_HUB, BROWSERSTACK_USERNAME, BROWSERSTACK_ACCESS_KEY } = process.env;
  const { protocol, hostname, port, pathname } = new URL(QGJOB_BROWSERSTACK_HUB);
  return {
    protocol: protocol.slice(0, -1),
    hostname,
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    path: pathname,
    user: BROWSERSTACK_USERNAME,
    key: BROWSERSTACK_ACCESS_KEY,
    // It starts an Appium, and leads the session to it.
    services: services.filter((service) => [service].flat()[0] !== 'appium'),
  };
}

function whyNot({ framework, runner, capabilities }, { isBrowser }) {
  const run = [runner ?? 'local'].flat()[0];
  if (run !== 'local') return `qgjob runs WebdriverIO's local runner; this configuration has runner: ${run}`;
  if (framework !== 'mocha')
    return `qgjob runs WebdriverIO with Mocha; this configuration has framework: ${framework}`;
  if (Array.isArray(capabilities) && capabilities.length !== 1)
    return `the configuration has ${capabilities.length} capabilities: for one device it must be one (it can choose by QGJOB_DEVICE)`;
  if (Array.isArray(capabilities) && isManySided(capabilities[0]))
    return 'the capability is several at once (alternatives in firstMatch, or sessions beside each other): for one device it must be one (it can choose by QGJOB_DEVICE)';
  if (!Array.isArray(capabilities) && process.env.QGJOB_BROWSERSTACK_CAPABILITIES)
    return 'the configuration is a multiremote one, and the lease is one session at BrowserStack';
  if (Array.isArray(capabilities) && process.env.QGJOB_DEVICES)
    return 'the configuration has one capability, and the device is a set of several: it must be a multiremote configuration';
  if (isBrowser && allOf(capabilities).some(isAppium))
    return 'the configuration has a capability of Appium, which would take any phone of the host, and the device is a browser: submit it to a target of phones, or give it a capability of the browser';
  return undefined;
}

/** Also those of a multiremote configuration; one may stand with the address of its server, and say alternatives. */
const allOf = (capabilities) =>
  Object.values(capabilities ?? {}).flatMap((one) => {
    const own = one?.capabilities ?? one ?? {};
    return [own, own.alwaysMatch ?? {}, ...(own.firstMatch ?? [])];
  });

/** Alternatives, or sessions beside each other: which of them is for the device, nothing says. */
const isManySided = (one) =>
  one.firstMatch?.length > 1 || Object.values(one).some((value) => typeof value?.capabilities === 'object');

/** Several of a multiremote session are left as they are: nothing says which of them is on which device. */
const adaptAll = (capabilities, channel) =>
  Array.isArray(capabilities) ? capabilities.map((one) => adaptOne(one, channel)) : capabilities;

function adaptOne(capability, { app, isInstalled }) {
  const { specs, exclude, 'wdio:specs': _specs, 'wdio:exclude': _exclude, ...rest } = flat(capability);
  const stack = process.env.QGJOB_BROWSERSTACK_CAPABILITIES;
  if (stack) return withStack(withoutServer(rest), JSON.parse(stack));
  if (!isAppium(rest)) return rest;
  const udid = process.env.QGJOB_DEVICE_UDID;
  const isApp = rest.browserName === undefined;
  return withOptions(rest, {
    ...(udid && { udid }),
    ...(app && isApp && { app }),
    // The two exclude each other, and a reset would remove what is installed.
    ...(isInstalled && { noReset: true, fullReset: undefined }),
  });
}

/** One that stands in the form of the protocol, as it is without. */
const flat = ({ alwaysMatch, firstMatch, ...rest }) => ({ ...rest, ...alwaysMatch, ...firstMatch?.[0] });

/** WebdriverIO takes a server from a capability too, before that of the configuration. */
const withoutServer = ({ protocol, hostname, port, path, user, key, ...rest }) => rest;

/** At BrowserStack: its phone or browser, its names, and the app that is there already. What else the suite asks of it stays. */
function withStack(capability, { 'bstack:options': options, 'appium:app': app, ...browser }) {
  const given = { ...capability, ...browser };
  const all = { ...given, 'bstack:options': { ...given['bstack:options'], ...options } };
  return app === undefined ? all : withOptions(all, { app });
}

const isAppium = (capability) => Object.keys(capability).some((name) => name.startsWith('appium:'));

/** Where the suite has put them: each by its own name, or together. */
function withOptions(capability, options) {
  const nested = capability['appium:options'];
  if (nested) return { ...capability, 'appium:options': without({ ...nested, ...options }) };
  const named = Object.entries(options).map(([name, value]) => [`appium:${name}`, value]);
  return without({ ...capability, ...Object.fromEntries(named) });
}

const without = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/**
 * Ports that drivers of Appium take on this host for each device: two phones with the same one would get in each other's way.
 * Runs in the launcher, which gives the capabilities to the worker.
 */
async function takePorts(_config, capabilities) {
  if (!Array.isArray(capabilities) || !process.env.QGJOB_DEVICE_UDID) return;
  for (const capability of capabilities.filter(isAppium)) {
    const names = portsOf(capability);
    const ports = await Promise.all(names.map(async (name) => [name, await freePort()]));
    Object.assign(capability, withOptions(capability, Object.fromEntries(ports)));
  }
}

function portsOf(capability) {
  const has = (name) =>
    name in capability || name.slice('appium:'.length) in (capability['appium:options'] ?? {});
  const platform = String(capability.platformName).toLowerCase();
  if (platform === 'ios') return ['wdaLocalPort', 'mjpegServerPort'];
  if (platform !== 'android') return [];
  return ['systemPort', ...(has('appium:mjpegServerPort') ? ['mjpegServerPort'] : [])];
}

/** A worker that was killed leaves its session behind, on the device that the next one needs. Runs in the launcher. */
async function endSession() {
  let address;
  try {
    address = readFileSync(state.channel.session, 'utf8');
  } catch {
    return;
  }
  rmSync(state.channel.session, { force: true });
  await fetch(address, { method: 'DELETE', signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

module.exports = { adaptConfig };

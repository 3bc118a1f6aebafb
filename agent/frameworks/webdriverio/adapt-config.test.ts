import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';
import type { Channel } from './generate-config.ts';

type Config = Readonly<Record<string, unknown>>;
const { adaptConfig } = createRequire(import.meta.url)('./adapt-config.cjs') as {
  adaptConfig(
    own: Config,
    channel: Channel,
  ): Config & { onPrepare: readonly ((...args: unknown[]) => unknown)[] };
};

const channel: Channel = {
  nonce: 'n',
  control: '/orders',
  session: '/session',
  hooks: '/worker.cjs',
  adapt: '/adapt-config.cjs',
  specs: ['file:///suite/a.spec.js'],
  grep: undefined,
  app: '/apps/shop.apk',
  isInstalled: true,
};
const own = { framework: 'mocha', runner: 'local' };
const phone = { platformName: 'Android', 'appium:automationName': 'UiAutomator2' };
const capabilityOf = (capability: Config, more: Partial<Channel> = {}): unknown =>
  (adaptConfig({ ...own, capabilities: [capability] }, { ...channel, ...more }).capabilities as unknown[])[0];

afterEach(() => void vi.unstubAllEnvs());

test('a capability in the form of the protocol is for the device too', () => {
  vi.stubEnv('QGJOB_DEVICE_UDID', 'R58M');
  const device = { 'appium:udid': 'R58M', 'appium:app': '/apps/shop.apk', 'appium:noReset': true };
  for (const capability of [
    { alwaysMatch: phone },
    { alwaysMatch: { platformName: 'Android' }, firstMatch: [phone] },
  ])
    expect(capabilityOf(capability)).toEqual({ ...phone, ...device });
});

test.each([
  ['alternatives', { alwaysMatch: phone, firstMatch: [{}, { 'appium:udid': 'other' }] }],
  ['sessions beside each other', { one: { capabilities: phone }, two: { capabilities: phone } }],
])('%s in one capability are refused, since nothing says which is for the device', (_, capability) => {
  expect(() => capabilityOf(capability)).toThrow(/must be one/);
});

test('nothing of the suite leaves out files of the lease, runs one twice, or ends the others', () => {
  const theirs = {
    ...own,
    specs: ['./all/**'],
    suites: { smoke: ['./smoke/**'] },
    exclude: ['./a.spec.js'],
    maxInstances: 8,
    specFileRetries: 2,
    bail: 1,
    shard: { current: 2, total: 3 },
    mochaOpts: { timeout: 5, bail: true, require: ['./theirs.js'] },
    reporters: ['spec'],
    capabilities: [{ ...phone, 'wdio:specs': ['./other/**'], 'wdio:exclude': ['./a.spec.js'] }],
  };
  expect(adaptConfig(theirs, channel)).toMatchObject({
    specs: [['file:///suite/a.spec.js']],
    suites: {},
    exclude: [],
    maxInstances: 1,
    specFileRetries: 0,
    bail: 0,
    shard: { current: 1, total: 1 },
    mochaOpts: { timeout: 5, bail: false, require: ['./theirs.js', '/worker.cjs'] },
    reporters: ['spec', [expect.any(Function), {}]],
  });
  expect(adaptConfig(theirs, channel).capabilities).toEqual([
    expect.not.objectContaining({ 'wdio:specs': expect.anything() }),
  ]);
});

test('a capability of Appium gets the phone of the lease and its app, which is not installed again', () => {
  vi.stubEnv('QGJOB_DEVICE_UDID', 'SER1');
  expect(capabilityOf({ ...phone, 'appium:udid': 'theirs', 'appium:fullReset': true })).toEqual({
    ...phone,
    'appium:udid': 'SER1',
    'appium:app': '/apps/shop.apk',
    'appium:noReset': true,
  });
  expect(
    capabilityOf({ platformName: 'Android', 'appium:options': { app: 'theirs', deviceName: 'x' } }),
  ).toEqual({
    platformName: 'Android',
    'appium:options': { app: '/apps/shop.apk', deviceName: 'x', udid: 'SER1', noReset: true },
  });
});

/** The variables of a lease at BrowserStack. */
function leaseStack(capabilities: Config, hub = 'https://hub.browserstack.com/wd/hub'): void {
  vi.stubEnv('QGJOB_BROWSERSTACK_CAPABILITIES', JSON.stringify(capabilities));
  vi.stubEnv('QGJOB_BROWSERSTACK_HUB', hub);
  vi.stubEnv('BROWSERSTACK_USERNAME', 'acme');
  vi.stubEnv('BROWSERSTACK_ACCESS_KEY', 'secret');
}

test('a lease of BrowserStack runs at its hub with its account, though the suite has an Appium of its own', () => {
  leaseStack({ 'bstack:options': { deviceName: 'Google Pixel 8' } });
  const theirs = {
    ...own,
    protocol: 'http',
    hostname: 'localhost',
    port: 4723,
    path: '/',
    services: ['appium', ['appium', { args: {} }], ['visual', {}], { onPrepare: () => undefined }],
    capabilities: [{ ...phone, hostname: '127.0.0.1', port: 4724, path: '/', user: 'theirs', key: 'x' }],
  };
  const hub = {
    protocol: 'https',
    hostname: 'hub.browserstack.com',
    port: 443,
    path: '/wd/hub',
    user: 'acme',
    key: 'secret',
    services: [['visual', {}], { onPrepare: expect.any(Function) }],
    capabilities: [{ ...phone, 'bstack:options': { deviceName: 'Google Pixel 8' } }],
  };
  expect(adaptConfig(theirs, channel)).toMatchObject(hub);
  expect(adaptConfig(theirs, channel).capabilities).toEqual(hub.capabilities);
  leaseStack({}, 'http://127.0.0.1:8080/wd/hub');
  expect(adaptConfig(theirs, channel)).toMatchObject({ protocol: 'http', hostname: '127.0.0.1', port: 8080 });
});

test('elsewhere the suite’s own server and services stay', () => {
  const theirs = { hostname: 'localhost', port: 4723, services: ['appium'] };
  expect(adaptConfig({ ...own, ...theirs, capabilities: [phone] }, channel)).toMatchObject(theirs);
});

test('at BrowserStack it gets the names of the session, the phone and the app that is there', () => {
  const options = { deviceName: 'Google Pixel 8', sessionName: 'qgjob (lse_1)' };
  leaseStack({ 'appium:app': 'bs://1', 'bstack:options': options });
  const theirs = { ...phone, 'appium:app': 'theirs', 'bstack:options': { debug: true, sessionName: 'mine' } };
  expect(capabilityOf(theirs)).toEqual({
    ...phone,
    'appium:app': 'bs://1',
    'bstack:options': { debug: true, ...options },
  });
});

test('where the agent has installed nothing, whether the app is reset is the suite’s own matter', () => {
  const theirs = { ...phone, 'appium:fullReset': true };
  expect(capabilityOf(theirs, { isInstalled: false, app: '' })).toEqual(theirs);
});

test('capabilities of a browser, and those of several sessions, stay as they are', () => {
  vi.stubEnv('QGJOB_DEVICE_UDID', 'SER1');
  expect(capabilityOf({ browserName: 'chrome' })).toEqual({ browserName: 'chrome' });
  expect(capabilityOf({ ...phone, browserName: 'Chrome' })).not.toHaveProperty(['appium:app']);
  const both = { one: { capabilities: phone }, two: { capabilities: phone } };
  expect(adaptConfig({ ...own, capabilities: both }, channel).capabilities).toEqual(both);
});

test('two phones get ports of their own on the host', async () => {
  vi.stubEnv('QGJOB_DEVICE_UDID', 'SER1');
  const prepare = async (capability: Config): Promise<Config> => {
    const { capabilities, onPrepare } = adaptConfig({ ...own, capabilities: [capability] }, channel);
    await onPrepare.at(-1)?.({}, capabilities);
    return (capabilities as Config[])[0] ?? {};
  };
  const [one, two] = await Promise.all([prepare(phone), prepare({ ...phone, 'appium:systemPort': 8200 })]);
  expect(one['appium:systemPort']).toEqual(expect.any(Number));
  expect(one['appium:systemPort']).not.toBe(two['appium:systemPort']);
  expect(two['appium:systemPort']).not.toBe(8200);
  expect(one).not.toHaveProperty(['appium:mjpegServerPort']);
  const ios = await prepare({ platformName: 'iOS', 'appium:automationName': 'XCUITest' });
  expect(ios).toMatchObject({
    'appium:wdaLocalPort': expect.any(Number),
    'appium:mjpegServerPort': expect.any(Number),
  });
});

test('a set of devices needs a multiremote configuration, and a session at BrowserStack needs none', () => {
  const several = { one: { capabilities: phone }, two: { capabilities: phone } };
  vi.stubEnv('QGJOB_DEVICES', '[]');
  expect(adaptConfig({ ...own, capabilities: several }, channel)).toMatchObject({ capabilities: several });
  expect(() => adaptConfig({ ...own, capabilities: [phone] }, channel)).toThrow(/is a set of several/);
  vi.unstubAllEnvs();
  vi.stubEnv('QGJOB_BROWSERSTACK_CAPABILITIES', '{}');
  expect(() => adaptConfig({ ...own, capabilities: several }, channel)).toThrow(
    /one session at BrowserStack/,
  );
});

test('a capability of Appium, which would take any phone of the host, does not run on a browser', () => {
  const adapt = (capabilities: unknown): unknown =>
    adaptConfig({ ...own, capabilities }, { ...channel, isBrowser: true }).capabilities;
  const chrome = { browserName: 'chrome' };
  const refused = [
    [phone],
    [{ platformName: 'Android', 'appium:options': { automationName: 'UiAutomator2' } }],
    [{ alwaysMatch: phone, firstMatch: [{}] }],
    { one: { capabilities: chrome }, two: { capabilities: phone } },
  ];
  for (const capabilities of refused) expect(() => adapt(capabilities)).toThrow(/the device is a browser: /);
  expect(adapt([chrome])).toEqual([chrome]);
  const both = { one: { capabilities: chrome }, two: { capabilities: chrome } };
  expect(adapt(both)).toEqual(both);
});

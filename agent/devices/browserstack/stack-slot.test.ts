import { expect, test } from 'vitest';
import { openStack, pixel } from '../../test-support/stack-devices.ts';
import { StandInBrowserStack } from '../../test-support/stand-in-browserstack.ts';
import type { Device } from '../device.ts';
import { StackEntry } from './entry.ts';

const only = (devices: readonly Device[]): Device => {
  const [device] = devices;
  if (!device) throw new Error('there is none');
  return device;
};

const use = {
  orgId: 'acme',
  appVersionId: 'v1',
  target: 'browserstack',
  leaseId: 'lse_00000001',
  framework: 'command',
  app: '',
  hasApp: false,
  job: { jobId: 'job_1', testPath: 'tests/login.spec.js', attempt: 2 },
};

test('each parallel session is a device, offered with its phone', async () => {
  const standIn = await StandInBrowserStack.start();
  expect(openStack(standIn, { parallel: 2 }).map(({ offer }) => offer)).toEqual(
    ['browserstack-1', 'browserstack-2'].map((name) => ({
      name,
      target: 'browserstack',
      platform: 'browserstack',
      os_version: '14.0',
      labels: { driver: 'browserstack', product: 'app-automate', device: 'Google Pixel 8' },
    })),
  );
});

test('a test finds the account, the names for its session and its capabilities', async () => {
  const standIn = await StandInBrowserStack.start();
  const { QGJOB_BROWSERSTACK_CAPABILITIES: capabilities = '', ...env } =
    only(openStack(standIn)).envFor?.(use) ?? {};
  expect(env).toEqual({
    BROWSERSTACK_USERNAME: 'acme_Qx7',
    BROWSERSTACK_ACCESS_KEY: 'key-of-the-account',
    BROWSERSTACK_BUILD_NAME: 'qgjob acme v1 browserstack',
    BROWSERSTACK_PROJECT_NAME: 'qgjob',
    QGJOB_BROWSERSTACK_HUB: `${standIn.url}/wd/hub`,
    QGJOB_BROWSERSTACK_PROJECT: 'qgjob',
    QGJOB_BROWSERSTACK_BUILD: 'qgjob acme v1 browserstack',
    QGJOB_BROWSERSTACK_SESSION: 'tests/login.spec.js (job_1#2)',
  });
  expect(JSON.parse(capabilities)).toEqual({
    'bstack:options': {
      deviceName: 'Google Pixel 8',
      osVersion: '14.0',
      projectName: 'qgjob',
      buildName: 'qgjob acme v1 browserstack',
      sessionName: 'tests/login.spec.js (job_1#2)',
      idleTimeout: 60,
      reserveDevice: true,
    },
  });
});

test('an app that was registered by its address at BrowserStack is used as it is', async () => {
  const standIn = await StandInBrowserStack.start();
  const env = only(openStack(standIn)).envFor?.({ ...use, app: 'bs://abc' });
  expect(env?.QGJOB_APP_URL).toBe('bs://abc');
  expect(env?.QGJOB_BROWSERSTACK_CAPABILITIES).toContain('"appium:app":"bs://abc"');
});

test('with "clean" each session has a fresh phone', async () => {
  const standIn = await StandInBrowserStack.start();
  const { QGJOB_BROWSERSTACK_CAPABILITIES: capabilities } =
    only(openStack(standIn, { clean: true })).envFor?.(use) ?? {};
  expect(capabilities).not.toContain('reserveDevice');
});

test('a desktop browser is one of Automate, with a plan of its own', async () => {
  const standIn = await StandInBrowserStack.start();
  const desktop = { device: undefined, os: 'Windows', os_version: '11', browser: 'chrome' };
  const device = only(openStack(standIn, { ...desktop, target: 'browserstack/desktop' }));
  expect(await device.examine?.()).toBeUndefined();
  expect(standIn.log).toEqual(['GET /automate/plan.json']);
  expect(device.install).toBeUndefined();
  const { QGJOB_BROWSERSTACK_CAPABILITIES: capabilities = '' } = device.envFor?.(use) ?? {};
  expect(JSON.parse(capabilities)).toMatchObject({
    browserName: 'chrome',
    'bstack:options': { os: 'Windows', osVersion: '11' },
  });
});

test('AppWright, which names its builds by GitHub alone, names them by the lease', async () => {
  const standIn = await StandInBrowserStack.start();
  expect(only(openStack(standIn)).envFor?.({ ...use, framework: 'appwright' })).toMatchObject({
    GITHUB_ACTIONS: 'true',
    GITHUB_RUN_ID: 'lse_00000001',
  });
});

test.each([
  [
    'page',
    /^BrowserStack refuses the account \(401\): are BROWSERSTACK_USERNAME and BROWSERSTACK_ACCESS_KEY right/,
  ],
  ['rate', /^BrowserStack wants fewer requests \(429\); it is asked again in \d+ s$/],
  ['away', /^BrowserStack does not answer \([A-Z_]+\)$/],
] as const)('trouble is said in words: %s', async (trouble, words) => {
  const standIn = await StandInBrowserStack.start();
  standIn.trouble = trouble;
  expect(await only(openStack(standIn)).examine?.()).toEqual({
    why: expect.stringMatching(words),
    breaksTests: false,
  });
});

test('without an account it says which variables are missing, and asks nobody', async () => {
  const standIn = await StandInBrowserStack.start();
  const { BROWSERSTACK_ACCESS_KEY: _, ...env } = standIn.env;
  expect(await only(openStack(standIn, {}, { env })).examine?.()).toEqual({
    why: "the agent's environment has no BrowserStack account: set BROWSERSTACK_USERNAME and BROWSERSTACK_ACCESS_KEY",
    breaksTests: false,
  });
  expect(standIn.log).toEqual([]);
});

test('the smaller one of the limits of team and account counts', async () => {
  const standIn = await StandInBrowserStack.start();
  Object.assign(standIn.plan, { max: 5, teamMax: 2, foreign: 2 });
  expect(await only(openStack(standIn)).examine?.()).toMatchObject({
    why: 'BrowserStack is full: 2 of 2 parallel sessions run',
  });
});

test.each([
  ['[BROWSERSTACK_QUEUE_SIZE_EXCEEDED] no', 'capacity'],
  ['All parallel tests are currently in use, including the queued tests. Please wait', 'capacity'],
  ['BROWSERSTACK_TIER_LIMIT_EXCEEDED', 'capacity'],
  ['BROWSERSTACK_FAILED_TO_START_BROWSER', 'infra_error'],
])('a failure that says %s has no verdict', async (message, errorClass) => {
  const device = only(openStack(await StandInBrowserStack.start()));
  expect(await device.blame?.({ error: `exit 1:\n${message}` })).toMatchObject({ class: errorClass });
  const tests = [{ name: 't', status: 'failed' as const, duration_ms: 1, message }];
  expect(await device.blame?.({ tests })).toMatchObject({ class: errorClass });
});

test('a failed test that says something else keeps the verdict, whatever the others say', async () => {
  const device = only(openStack(await StandInBrowserStack.start()));
  const failed = (message: string) => ({ name: message, status: 'failed' as const, duration_ms: 1, message });
  const full = failed('BROWSERSTACK_QUEUE_SIZE_EXCEEDED');
  const passed = { name: 't', status: 'passed' as const, duration_ms: 1 };
  expect(await device.blame?.({ tests: [full, failed('expected 1 to be 2')] })).toBeUndefined();
  const error = 'the output says BROWSERSTACK_QUEUE_SIZE_EXCEEDED';
  expect(await device.blame?.({ error, tests: [failed('expected 1 to be 2')] })).toBeUndefined();
  expect(await device.blame?.({ tests: [passed, full, failed('BROWSERSTACK_TIER_LIMIT_EXCEEDED')] })).toEqual(
    {
      class: 'capacity',
      why: "BrowserStack's own queue was full",
    },
  );
});

test('a failure that says nothing of the kind is one of its test, where BrowserStack is there', async () => {
  const standIn = await StandInBrowserStack.start();
  const device = only(openStack(standIn));
  expect(await device.blame?.({ error: 'expected 1 to be 2' })).toBeUndefined();
});

test('a failure while BrowserStack is away says nothing of its test', async () => {
  const standIn = await StandInBrowserStack.start();
  standIn.trouble = 'away';
  expect(await only(openStack(standIn)).blame?.({ error: 'fetch failed' })).toEqual({
    class: 'infra_error',
    why: expect.stringMatching(/^BrowserStack does not answer/),
  });
});

test.each([
  [{ target: 'device' }, /the driver browserstack offers browserstack or a pool of it/],
  [{ device: undefined }, /name a device, or a browser with its os/],
  [{ device: undefined, browser: 'chrome' }, /a desktop browser needs an os/],
])('settings that name no phone and no browser are refused: %o', (entry, says) => {
  expect(() => StackEntry.parse({ ...pixel, ...entry })).toThrow(says);
});

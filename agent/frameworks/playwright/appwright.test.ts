import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';

interface Project {
  readonly name: string;
  readonly use: Readonly<Record<string, unknown>>;
}
const adapt = createRequire(import.meta.url)('./appwright.cjs') as (
  own: { projects: Project[]; use?: Project['use'] | undefined; globalSetup?: string | undefined },
  options: Readonly<Record<string, unknown>>,
) => void;

/** A project, as it is after the lease has given it its device. */
function adapted(
  use: Project['use'],
  options: Readonly<Record<string, unknown>> = {},
  ofAll?: Project['use'],
): Project['use'] {
  vi.stubEnv('TEST_WORKER_INDEX', undefined);
  const other = { name: 'ios', use: { device: { provider: 'lambdatest' } } };
  const own = { use: ofAll, projects: [{ name: 'android', use }, structuredClone(other)] };
  adapt(own, { project: 'android', home: '/none', nonce: 'n', ...options });
  // The others do not run.
  expect(own.projects[1]).toEqual(other);
  return own.projects[0]?.use ?? {};
}

function leaseStack(options: Readonly<Record<string, unknown>>): void {
  vi.stubEnv('QGJOB_BROWSERSTACK_CAPABILITIES', JSON.stringify({ 'bstack:options': options }));
}
const phone = { deviceName: 'Google Pixel 8', osVersion: '14.0' };

afterEach(() => void vi.unstubAllEnvs());

test('at BrowserStack a project gets the phone of the lease in place of its own', () => {
  leaseStack(phone);
  const device = {
    provider: 'browserstack',
    name: 'Samsung Galaxy S20',
    osVersion: '10.0',
    orientation: 'portrait',
  };
  expect(adapted({ device }).device).toEqual({ ...device, name: 'Google Pixel 8', osVersion: '14.0' });
});

test('there the app that the agent has uploaded is used', () => {
  leaseStack(phone);
  vi.stubEnv('BROWSERSTACK_APP_URL_ANDROID', 'theirs');
  adapted({ device: { provider: 'browserstack' } }, { uploaded: 'bs://1' });
  expect(process.env.BROWSERSTACK_APP_URL_ANDROID).toBe('bs://1');
});

test.each([
  [
    { device: { provider: 'emulator' } },
    'has the device provider emulator, and this target is at BrowserStack',
  ],
  [{}, 'has the device provider (none), and this target is at BrowserStack'],
])('a project that would run elsewhere than at BrowserStack does not run: %o', (use, says) => {
  leaseStack(phone);
  expect(() => adapted(use)).toThrow(`the project android of appwright.config ${says}: give it`);
});

test.each(['browserstack', 'lambdatest', 'one-of-tomorrow'])(
  'nor one that would run at %s while the target is a device of the host',
  (provider) => {
    vi.stubEnv('QGJOB_BROWSERSTACK_CAPABILITIES', undefined);
    const words = `has the device provider ${provider}, and this target is a device of the agent's host: give it 'emulator' or 'local-device'`;
    expect(() => adapted({ device: { provider } })).toThrow(words);
    expect(() => adapted({}, {}, { device: { provider } })).toThrow(words);
  },
);

test('at BrowserStack only its own provider will do', () => {
  leaseStack(phone);
  expect(() => adapted({ device: { provider: 'lambdatest' } })).toThrow('give it use.device.provider');
});

test('a project without a device gets that of the whole configuration', () => {
  leaseStack(phone);
  expect(adapted({}, {}, { device: { provider: 'browserstack' } }).device).toEqual({
    provider: 'browserstack',
    name: 'Google Pixel 8',
    osVersion: '14.0',
  });
});

test('nor one for which there is a desktop browser alone', () => {
  leaseStack({ os: 'Windows', osVersion: '11' });
  expect(() => adapted({ device: { provider: 'browserstack' } })).toThrow('needs a phone');
});

test('on a device of the host it keeps its provider, and gets the device and the build of the lease', () => {
  vi.stubEnv('QGJOB_BROWSERSTACK_CAPABILITIES', undefined);
  const use = { device: { provider: 'local-device', name: 'x' } };
  expect(adapted(use, { udid: 'SER1', path: '/apps/shop.apk' })).toEqual({
    device: { provider: 'local-device', name: 'x', udid: 'SER1' },
    buildPath: '/apps/shop.apk',
  });
});

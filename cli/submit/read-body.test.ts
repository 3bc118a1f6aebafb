import { expect, test } from 'vitest';
import { refuseFlags, type SubmitFlags } from './flags.ts';
import { readBody } from './read-body.ts';

const plain: SubmitFlags = { appVersionId: 'v1' };

test('the body says what the flags say; a bundle is its source once it is packed', () => {
  const flags = {
    ...plain,
    orgId: 'acme',
    priority: 'high',
    target: ['device', 'emulator,device'],
    testTimeout: 60_000,
  };
  expect(readBody(flags, ['a.spec.ts'])).toEqual({
    org_id: 'acme',
    app_version_id: 'v1',
    targets: ['device', 'emulator'],
    tests: ['a.spec.ts'],
    priority: 8,
    timeout_ms: 60_000,
  });
  expect(readBody({ ...plain, target: ['device'] }, ['a'])).toMatchObject({ target: 'device' });
  expect(readBody({ ...plain, allowNoDevice: true }, ['a'])).toMatchObject({ allow_no_device: true });
  expect(readBody({ ...plain, param: ['URL=http://a/?b=c', 'EMPTY='], grep: 'a b' }, ['a'])).toMatchObject({
    params: { URL: 'http://a/?b=c', EMPTY: '' },
    grep: 'a b',
  });
  expect(readBody(plain, ['a'])).toEqual({ app_version_id: 'v1', tests: ['a'] });
  expect(readBody({ ...plain, source: 'workspace' }, ['a'])).toMatchObject({
    source: { kind: 'workspace' },
  });
});

test.each<[Partial<SubmitFlags>, string[], RegExp]>([
  [{ target: ['phone'] }, ['a'], /^unknown target "phone": use emulator, device, browserstack or browser/],
  [{ target: ['device', 'phone'] }, ['a'], /^--target: unknown target "phone"/],
  [{ priority: '11' }, ['a'], /^priority "11" is not allowed: use a whole number from 1 to 10/],
  [{ maxFailures: 0 }, ['a'], /^--max-failures: /],
  [{ maxRetries: 21 }, ['a'], /^--max-retries: /],
  [{ testTimeout: 1 }, ['a'], /^--test-timeout: /],
  [{ orgId: 'a b' }, ['a'], /^--org-id: org_id must be 1 to 128/],
  [{ param: ['=x'] }, ['a'], /^--param: "=x" is not allowed: use NAME=text/],
  [{ param: ['a-b=x'] }, ['a'], /^--param: a name has only letters, digits and _/],
  [{ grep: '(' }, ['a'], /^--grep: is no regular expression/],
  [{}, [], /^tests is empty: name at least one test file/],
  [{}, ['a', 'b\\c'], /^--test b\\c: a test path must be relative/],
])('%j with the tests %j is refused before any call', (flags, tests, message) => {
  expect(() => readBody({ ...plain, ...flags }, tests)).toThrow(message);
});

test.each<[SubmitFlags, RegExp]>([
  [{}, /--app-version-id is missing/],
  [{ ...plain, timeout: 1000 }, /add --wait/],
])('the flags %j are refused', (flags, message) => {
  expect(() => refuseFlags(flags)).toThrow(message);
});

test('the flags of a plain submit are not refused', () => {
  expect(refuseFlags({ ...plain, source: 'workspace', timeout: 1000, wait: true })).toBeUndefined();
  expect(refuseFlags({ app: 'app.apk' })).toBeUndefined();
});

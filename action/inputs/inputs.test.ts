import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readActionYml } from '../../scripts/action-yml.ts';
import { readInputs } from './inputs.ts';

const { inputs: declared } = readActionYml(join(import.meta.dirname, '../../action.yml'));
const required = { 'server-url': 'https://q.example.com/', token: 'qgj_token', tests: 'a.spec.ts' };

function give(inputs: Readonly<Record<string, string>>): ReturnType<typeof readInputs> {
  for (const [name, value] of Object.entries(inputs)) vi.stubEnv(`INPUT_${name.toUpperCase()}`, value);
  return readInputs();
}

beforeEach(() => {
  for (const [name, input] of Object.entries(declared))
    vi.stubEnv(`INPUT_${name.toUpperCase()}`, input.default?.startsWith('${{') ? '' : (input.default ?? ''));
  // The mask is a line on stdout.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('what is not given is what action.yml says, or left to the server', () => {
  expect(give(required)).toMatchObject({
    serverUrl: 'https://q.example.com',
    targets: ['emulator'],
    timeoutMs: 3_600_000,
    wait: true,
    onCancel: 'cancel',
    maxFailures: undefined,
    failOn: 'any',
    failOnFlaky: false,
    allowNoDevice: false,
    annotations: true,
    summary: true,
    reportPath: 'qgjob-report/',
    workingDirectory: '.',
    dryRun: false,
    ...{ orgId: undefined, appVersionId: undefined, framework: undefined, priority: undefined },
    ...{
      maxRetries: undefined,
      retryFailedTests: undefined,
      queueTimeoutMs: undefined,
      testTimeoutMs: undefined,
    },
  });
});

test.each([
  [{ tests: ' a.ts \r\n\n!b.ts' }, { tests: ['a.ts', '!b.ts'] }],
  [{ target: 'emulator\n device/pixel-8 \nemulator' }, { targets: ['emulator', 'device/pixel-8'] }],
  [{ priority: 'high' }, { priority: 8 }],
  [
    { 'max-retries': '0', 'retry-failed-tests': '20', 'max-failures': '3' },
    { maxRetries: 0, retryFailedTests: 20, maxFailures: 3 },
  ],
  [{ 'timeout-minutes': '0.5' }, { timeoutMs: 30_000 }],
  [{ wait: 'FALSE' }, { wait: false }],
  [{ framework: 'command' }, { framework: 'command' }],
  [{ 'server-url': 'https://ci.example.com/qgjob/' }, { serverUrl: 'https://ci.example.com/qgjob' }],
  [{ 'server-url': 'http://127.0.0.1:8080/qgjob/' }, { serverUrl: 'http://127.0.0.1:8080/qgjob' }],
  [
    { 'server-url': 'http://10.0.0.1:8080/qgjob/', 'allow-http': 'true' },
    { serverUrl: 'http://10.0.0.1:8080/qgjob' },
  ],
  [{ 'allow-no-device': 'true' }, { allowNoDevice: true }],
  [{ params: 'URL=http://a/?b=c\n EMPTY=' }, { params: { URL: 'http://a/?b=c', EMPTY: '' } }],
  [{ grep: '@smoke' }, { grep: '@smoke' }],
  [
    { token: '', 'dry-run': 'true' },
    { token: '', dryRun: true },
  ],
])('%j is read as %j', (inputs, read) => {
  expect(give({ ...required, ...inputs })).toMatchObject(read);
});

test.each([
  [{ token: '' }, /^input token: is missing, .* add `permissions: \{contents: read, id-token: write\}`/],
  [{ token: 'two words' }, /^input token: holds blanks/],
  [{ 'server-url': 'ftp://q.example.com' }, /^input server-url: "ftp/],
  [{ 'server-url': 'https://user:secret@q.example.com' }, /^input server-url: must not hold a user/],
  [{ 'server-url': 'http://10.0.0.1' }, /^input server-url: plain http .* set allow-http to true/],
  [{ 'allow-http': 'yes' }, /^input allow-http: "yes" is not allowed/],
  [{ params: 'URL' }, /^input params: "URL" is not allowed: use NAME=text, one a line/],
  [{ 'allow-no-device': '1' }, /^input allow-no-device: "1" is not allowed/],
  [{ tests: '!a.ts' }, /^input tests: names no test file/],
  [{ target: 'toaster' }, /^input target: unknown target "toaster"/],
  [{ target: ' ' }, /^input target: names no target/],
  [{ framework: 'jest' }, /^input framework: "jest" is not allowed: use appwright or/],
  [{ source: 'folder' }, /^input source: "folder" is not allowed/],
  [{ priority: '0' }, /^input priority: /],
  [{ 'fail-on': 'none' }, /^input fail-on: "none" is not allowed: use any or new/],
  [{ 'max-failures': '0' }, /^input max-failures: "0" is not allowed: use a whole number from 1 to 10000/],
  [{ 'max-retries': '21' }, /^input max-retries: "21"/],
  [{ 'retry-failed-tests': '1.5' }, /^input retry-failed-tests: "1.5"/],
  [{ 'timeout-minutes': '0' }, /^input timeout-minutes: "0"/],
  [{ 'queue-timeout-minutes': '1h' }, /^input queue-timeout-minutes: "1h"/],
  [{ 'on-cancel': 'stop' }, /^input on-cancel: "stop" is not allowed: use cancel or detach/],
  [{ 'fail-on-flaky': '' }, /^input fail-on-flaky: "" is not allowed/],
  [{ comment: 'never' }, /^input comment: "never" is not allowed: use failures or always or changes or off/],
  [{ artifacts: 'some' }, /^input artifacts: "some" is not allowed: use failed or all or none$/],
])('%j is refused', (inputs, line) => {
  expect(() => give({ ...required, ...inputs })).toThrow(line);
});

test.each([
  ['true', 'always'],
  ['false', 'off'],
  ['changes', 'changes'],
])('comment: %s is %s', (comment, when) => {
  expect(give({ ...required, comment }).comment).toBe(when);
});

test('without a token the job signs in by OIDC, where it may', () => {
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', 'http://127.0.0.1/token?x=1');
  expect(() => give({ ...required, token: '' })).toThrow(/^input token: is missing/);
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'asks');
  const inputs = { ...required, token: '', 'oidc-audience': 'https://inner.example.com', 'org-id': 'acme' };
  const read = { token: '', oidcAudience: 'https://inner.example.com', orgId: 'acme' };
  expect(give(inputs)).toMatchObject(read);
  expect(give({ ...inputs, 'oidc-audience': '' }).oidcAudience).toBeUndefined();
});

test('the token is masked, a short one not', () => {
  give(required);
  expect(process.stdout.write).toHaveBeenCalledExactlyOnceWith('::add-mask::qgj_token\n');
  expect(() => give({ ...required, token: 'abc', priority: '99' })).toThrow();
  expect(process.stdout.write).toHaveBeenCalledOnce();
});

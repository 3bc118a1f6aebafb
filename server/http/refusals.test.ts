import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import type { RouteName } from '../../protocol/routes.ts';
import {
  addOrg,
  dumpDatabase,
  fetchRaw,
  newDataDir,
  openServer,
  type RawAnswer,
  type RawInput,
  type TestServer,
} from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

let folder: string;
let server: TestServer;
let acme: World;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qgjob-refusals-'));
  server = await openServer(newDataDir(folder));
  acme = new World(server, await addOrg(server, 'acme'));
  await addOrg(server, 'rival');
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const good = { app_version_id: 'v1', tests: ['a.spec.ts'] };
const json = (fields: string): string => `{"app_version_id":"v1","tests":["a.spec.ts"],${fields}}`;
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** All rows of the database, but without the time at which a token was last used. */
const stored = () => {
  const { tokens = [], ...rest } = dumpDatabase(server.dataDir);
  return { ...rest, tokens: tokens.length };
};

async function refused(route: RouteName, input: RawInput, status: number, code: string): Promise<RawAnswer> {
  const before = stored();
  const answer = await server.ask(route, { token: acme.tokens.admin, ...input });
  expectRefusal(answer, status, code);
  expect(stored()).toEqual(before);
  return answer;
}

describe('a submit is refused and leaves nothing for', () => {
  test.each<[what: string, body: unknown, says: string]>([
    ['an unknown target', { ...good, target: 'toaster' }, 'target: unknown target "toaster": use emulator'],
    [
      'one unknown target of several',
      { ...good, targets: ['emulator', 'x'] },
      'targets.1: unknown target "x"',
    ],
    ['target and targets', { ...good, target: 'emulator', targets: ['device'] }, 'exclude each other'],
    ['an empty test list', { ...good, tests: [] }, 'tests is empty: name at least one test file'],
    ['a missing test list', { app_version_id: 'v1' }, 'tests: is missing; give an array'],
    ['too many tests', { ...good, tests: Array(10_001).fill('a') }, 'a run has at most 10000 tests'],
    [
      'too many jobs',
      { ...good, tests: names(6000), targets: ['emulator', 'device'] },
      '12000 jobs are too many',
    ],
    [
      'priority 11',
      { ...good, priority: 11 },
      'priority "11" is not allowed: use a whole number from 1 to 10',
    ],
    ['half a priority', { ...good, priority: 5.5 }, 'priority "5.5" is not allowed'],
    ['a priority that is no number', { ...good, priority: { is: 1 } }, 'is not allowed: use a whole number'],
    ['a path outside', { ...good, tests: ['../a'] }, 'must be relative to the source'],
    ['a path with a line feed', { ...good, tests: ['a\nb'] }, 'must not hold control characters'],
    ['a delay over 30 days', { ...good, delay_ms: 31 * 86_400_000 }, 'delay_ms'],
    ['an unknown key', { ...good, prioritty: 1 }, 'unknown: "prioritty"; leave it out'],
    [
      'a bundle that was never uploaded',
      { ...good, source: { kind: 'bundle', sha256: 'a'.repeat(64) } },
      `source: this org has no bundle ${'a'.repeat(64)}; upload it first`,
    ],
    [
      'a folder that leads out of the bundle',
      { ...good, source: { kind: 'bundle', sha256: 'a'.repeat(64), subdir: '../up' } },
      'source.subdir: a folder must be relative to the source',
    ],
    ['an unknown time for a comment', { ...good, comment: 'sometimes' }, 'comment'],
    ['a list instead of an object', [good], 'must be of the type object'],
    ['nothing at all', '', 'app_version_id: is missing; give a string'],
    ['malformed JSON', '{"app_version_id":\n "v1",,', 'the body is not JSON'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'the body is not JSON in UTF-8'],
    ['a lone surrogate in a path', '{"app_version_id":"v1","tests":["a\\ud800"]}', 'half a surrogate pair'],
    ['a lone surrogate in metadata', json('"metadata":{"a":"\\udfff"}'), 'half a surrogate pair'],
    ['NUL in metadata', json('"metadata":{"a":"\\u0000"}'), 'NUL'],
    ['100 000 nested lists', json(`"metadata":{"a":${nested(100_000)}}`), 'nested deeper'],
    ['100 000 lists that never end', '['.repeat(100_000), 'nested deeper'],
    ['__proto__', json('"__proto__":{"is":"operator"}'), '"__proto__" is not allowed'],
    ['__proto__ in metadata', json('"metadata":{"__proto__":"x"}'), '"__proto__" is not allowed'],
    ['a key given twice', json('"app_version_id":"v2"'), 'the key "app_version_id" is given twice'],
    ['a number beyond all numbers', json('"max_retries":1e999'), 'max_retries'],
    ['a number beyond all limits', json('"timeout_ms":9007199254740993'), 'timeout_ms'],
    ['minus nothing', json('"priority":-0'), 'priority'],
  ])('%s', async (_, body, says) => {
    const { json } = await refused('submitRun', { body }, 400, 'invalid');
    expect(json.error.message).toContain(says);
    expect(({} as { is?: string }).is).toBeUndefined();
  });

  test('the org of another token', async () => {
    const body = { ...good, org_id: 'rival' };
    const { json } = await refused('submitRun', { body }, 403, 'forbidden');
    expect(json.error.message).toContain('this token is for acme, not for org rival');
  });

  test('no org, by the operator', async () => {
    const { json } = await refused('submitRun', { body: good, token: server.adminToken }, 400, 'invalid');
    expect(json.error.message).toContain('org_id: name the org');
  });

  test.each(['', ' ', 'ä', 'x'.repeat(201), 'a b'])('the idempotency key "%s"', async (key) => {
    const headers = { 'idempotency-key': encodeURI(key) === key ? key : Buffer.from(key).toString('latin1') };
    // For fetch an empty header is no header; for the server it is one.
    await refused('submitRun', { body: good, headers }, 400, 'invalid');
  });
});

describe('a body over the limit', () => {
  const big = Buffer.from(JSON.stringify({ ...good, metadata: { a: 'x'.repeat(5 * 1024 * 1024) } }));

  test('is 413 where its length is declared', async () => {
    const { json } = await refused('submitRun', { body: new Uint8Array(big) }, 413, 'too_large');
    expect(json.error.message).toContain(`${limits.jsonBodyBytes} bytes`);
  });

  test('is 413 where it comes in chunks', async () => {
    const answer = await sendChunked(acme.tokens.submit, big);
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
  });

  test('is not even read from a stranger', async () => {
    expect(await sendChunked('', big)).toMatchObject({ status: 401 });
  });

  test('is 413 for a piece of a log over its own limit', async () => {
    const { lease, job } = await acme.running();
    const params = { id: lease.lease_id, job_id: job.job_id };
    const body = new Uint8Array(limits.logChunkBytes + 1);
    const input = { token: lease.token, params, query: { attempt: 1, offset: 0 }, body };
    await refused('appendLogs', input, 413, 'too_large');
  });

  test('leaves the connection of use for the next call', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = [
      await sendChunked(acme.tokens.submit, big, agent),
      await sendChunked(acme.tokens.submit, Buffer.from(JSON.stringify(good)), agent),
    ];
    agent.destroy();
    expect(answers.map(({ status }) => status)).toEqual([413, 201]);
  });

  test('just within the limit is read', async () => {
    const body = JSON.stringify({ ...good, metadata: { a: 'x' } });
    const padded = body + ' '.repeat(limits.jsonBodyBytes - body.length);
    expect(await server.ask('submitRun', { token: acme.tokens.submit, body: padded })).toMatchObject({
      status: 201,
    });
  });
});

describe('a list is refused, never guessed at, for', () => {
  test.each<[RouteName, string, string]>([
    ['listJobs', 'limit=0', 'limit'],
    ['listJobs', 'limit=501', 'limit'],
    ['listJobs', 'limit=ten', 'limit: must be a whole number'],
    ['listJobs', 'limit=-1', 'limit'],
    ['listJobs', 'limit=1e2', 'limit'],
    ['listJobs', 'limit=', 'limit'],
    ['listJobs', 'limit=1&limit=2', 'limit: give it once'],
    ['listJobs', 'offset=-1', 'offset'],
    ['listJobs', 'status=finished', 'status'],
    ['listJobs', 'status=', 'status'],
    ['listJobs', 'target=toaster', 'unknown target'],
    ['listJobs', 'page=2', 'unknown: "page"'],
    ['listJobs', '__proto__=1', 'unknown: "__proto__"'],
    ['listRuns', 'status=waiting', 'status'],
    ['getRun', 'wait_ms=25001', 'wait_ms'],
    ['getRun', 'after_rev=-1', 'after_rev'],
    ['getJob', 'after_rev=x', 'after_rev'],
    ...(
      [
        'listRuns',
        'listJobs',
        'listGroups',
        'listDevices',
        'listAgents',
        'listTokens',
        'listWebhooks',
      ] as const
    ).flatMap((route): [RouteName, string, string][] =>
      ['first', '', 'run_', '%00', '-1', 'x'.repeat(300)].map((cursor) => [
        route,
        `cursor=${cursor}`,
        'cursor',
      ]),
    ),
  ])('%s?%s', async (route, query, says) => {
    const { json } = await refused(route, { query, params: { id: `run_${'0'.repeat(32)}` } }, 400, 'invalid');
    expect(json.error.message).toContain(says);
  });
});

describe('a caller is refused for', () => {
  test('no token', async () => {
    const { headers, json } = await refused('listJobs', { token: null }, 401, 'unauthorized');
    expect(json.error.message).toContain('Authorization: Bearer');
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer qgj_op_x'])(
    'the header %s',
    async (authorization) => {
      await refused('listJobs', { token: null, headers: { authorization } }, 401, 'unauthorized');
    },
  );

  test('each token with one character changed', async () => {
    const token = acme.tokens.read;
    for (const at of [0, 5, 9, 20, 40, token.length - 1]) {
      const wrong = token.slice(0, at) + (token[at] === 'a' ? 'b' : 'a') + token.slice(at + 1);
      expectRefusal(await server.ask('listJobs', { token: wrong }), 401, 'unauthorized');
    }
  });

  test.each([
    'job_1',
    `job_${'f'.repeat(32)}`,
    '%00',
    '..%2f..',
    'a%0Ab',
    '%ED%A0%80',
    '%',
    'x'.repeat(3000),
  ])('the unknown id %s', async (id) => {
    const url = `${server.url}/v1/jobs/${id}`;
    expectRefusal(await fetchRaw(url, 'GET', { token: acme.tokens.read }), 404, 'not_found');
  });

  test.each([
    ['GET', '/v1/nothing'],
    ['PUT', '/v1/runs'],
    ['GET', '/v1/jobs/'],
    ['POST', '/%0a%1b[31m'],
    ['PROPFIND', '/v1/runs'],
  ])('the unknown call %s %s', async (method, path) => {
    const answer = await fetchRaw(server.url + path, method, { token: acme.tokens.admin });
    expectRefusal(answer, 404, 'not_found');
    expect(answer.json.error.message).toContain('GET /openapi.json lists them');
  });

  test.each([
    ['no Host', 'GET /v1/jobs HTTP/1.0\r\n\r\n'],
    ['a Host that is none', 'GET /v1/jobs HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n'],
  ])('%s', async (_, request) => {
    const answer = await sendRaw(request);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"invalid"');
  });
});

test('x-request-id is the one that was sent, if it is a sane one', async () => {
  const ask = async (id: string) =>
    (await server.ask('health', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
  expect(await ask('ci-42.a_b')).toBe('ci-42.a_b');
  expect(await ask('x'.repeat(101))).toMatch(/^[0-9a-f-]{36}$/);
  expect(await ask('{"a":1}')).toMatch(/^[0-9a-f-]{36}$/);
});

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}.spec.ts`);

function sendChunked(token: string, body: Buffer, agent?: Agent): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { ...(token && { authorization: `Bearer ${token}` }), 'transfer-encoding': 'chunked' };
    const call = request(`${server.url}/v1/runs`, { method: 'POST', headers, agent }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(await text(response)) });
    });
    call.on('error', reject);
    for (let at = 0; at < body.length; at += 65_536) call.write(body.subarray(at, at + 65_536));
    call.end();
  });
}

function sendRaw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

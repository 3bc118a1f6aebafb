import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { makeJob, makeRun } from '../cli/test-support/answers.ts';
import { isOfAgents, type RouteName } from '../protocol/routes.ts';
import { callOnce } from './call.ts';
import { checkStrictly } from './check-shape.ts';
import { foreignStatus, mayMeanTheBody } from './foreign-answer.ts';
import { type Answer, error, fine, foreign, json, serve } from './test-support/serve.ts';

const page = '<!doctype html><html><head><title>404 Not Found</title></head></html>';
/** By the client that makes such calls: answers to an agent are checked against the shapes. */
const ask = (url: string, name: RouteName = 'health') =>
  callOnce({ url, ...(isOfAgents(name) && { check: checkStrictly }) }, name, {
    params: { id: 'x' },
  });

/** What an answer is read as, without the address. */
async function heard(answer: Answer, name?: RouteName): Promise<unknown> {
  const { url } = await serve(answer);
  const outcome = await ask(url, name).then(
    (value) => ({ value }),
    ({ code, message, details, requestId }) => ({
      code,
      message: message.replace(url, 'URL'),
      details,
      requestId,
    }),
  );
  return outcome;
}

const notOurs = (answered: number, words: string, more: object = {}) => ({
  code: 'unavailable',
  message: `URL answered ${answered} ${words}: is \`server-url\` right, is there a proxy?`,
  details: { answered, ...more },
  requestId: undefined,
});
const aPage = 'with a page that is not qgjob\'s ("404 Not Found")';

describe('an answer that is not the server’s is `unavailable`, with words for what it is', () => {
  test.each([
    400, 401, 403, 404, 405, 408, 409, 413, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 520, 599,
  ])('a page with the status %i', async (status) => {
    expect(await heard(foreign(status, page))).toEqual(notOurs(status, aPage));
  });

  test.each<[string, Answer, number, string]>([
    ['a page with success', foreign(200, page), 200, aPage],
    ['a page without a type', foreign(200, `\n ${page}`, {}), 200, aPage],
    ['a page that calls itself JSON', foreign(404, page, { 'content-type': 'application/json' }), 404, aPage],
    ['a page without a title', foreign(403, '<p>no'), 403, "with a page that is not qgjob's"],
    ['nothing, with success', foreign(200), 200, 'with nothing, which is not how qgjob answers here'],
    [
      'nothing, where something is due',
      foreign(204),
      204,
      'with nothing, which is not how qgjob answers here',
    ],
    ['nothing, with an error', foreign(502), 502, 'with nothing, which is not how qgjob answers here'],
    ['a text', foreign(404, 'default backend - 404', {}), 404, "with a text that is not qgjob's"],
    ['half an answer', foreign(200, '{"status":"ok",', {}), 200, "with a text that is not qgjob's"],
    [
      'another status than the call has',
      json(201, { status: 'ok', version: '1' }),
      201,
      "with JSON that is not qgjob's (not the status 200 of this call)",
    ],
    [
      'JSON of another shape',
      json(200, { ok: true }),
      200,
      "with JSON that is not qgjob's (status is missing)",
    ],
    ['a list', json(200, []), 200, "with JSON that is not qgjob's (is no object)"],
    ['a word', json(200, 'ok'), 200, "with JSON that is not qgjob's (is no object)"],
    [
      'a permanent redirect',
      foreign(301, '', { location: 'https://me:pw@sso.example.com/in?token=x' }),
      301,
      'and leads to https://sso.example.com/in, where nobody follows with a token',
    ],
    [
      'a redirect that keeps the body',
      foreign(308, '', { location: '/login' }),
      308,
      'and leads to /login, where nobody follows with a token',
    ],
    ['a redirect to nowhere', foreign(302, page), 302, aPage],
    [
      'control characters in a title',
      foreign(404, '<title>\u001b[31m a\r\nb\u202e</title>'),
      404,
      'with a page that is not qgjob\'s ("a b")',
    ],
  ])('%s', async (_, answer, status, words) => {
    expect(await heard(answer)).toEqual(notOurs(status, words));
  });

  test.each<[string, unknown]>([
    ['a word', { error: 'Not found' }],
    ['a message', { error: { message: 'no Route matched with those values' } }],
    ['a number as its code', { error: { code: 404, message: 'no', request_id: 'r1' } }],
    ['a code in other letters', { error: { code: 'NOT_FOUND', message: 'no', request_id: 'r1' } }],
    ['our word, but no id of the request', { error: { code: 'not_found', message: 'no' } }],
    ['our word for another status', { error: { code: 'conflict', message: 'no', request_id: 'r1' } }],
    ['no message', { error: { code: 'not_found', request_id: 'r1' } }],
    ['a list', [{ error: { code: 'not_found', message: 'no', request_id: 'r1' } }]],
    ['null', null],
    ['a prototype', { error: { code: '__proto__', message: 'no', request_id: 'r1' } }],
  ])('an error with %s', async (_, body) => {
    expect(await heard(json(404, body))).toEqual(notOurs(404, "with JSON that is not qgjob's"));
  });

  test.each<[RouteName, Answer, string]>([
    ['reportInstalled', foreign(200, page), aPage],
    ['reportInstalled', json(200, {}), "with JSON that is not qgjob's (not the status 204 of this call)"],
    ['takeLease', foreign(200), 'with nothing, which is not how qgjob answers here'],
    ['readLogs', foreign(200, page), aPage],
    ['readLogs', json(200, {}), "with JSON that is not qgjob's (bytes of the type application/json)"],
    ['getArtifact', foreign(200, page), aPage],
    [
      'heartbeat',
      json(200, { leases: {}, drain: false }),
      "with JSON that is not qgjob's (leases: Invalid input: expected array, received object)",
    ],
  ])('of %s', async (name, answer, words) => {
    expect(await heard(answer, name)).toEqual(notOurs(200, words));
  });

  test('an answer that never ends, or unpacks to gigabytes', async () => {
    const endless: Answer = (response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      const more = (): void =>
        void (response.destroyed || response.write(' '.repeat(65_536), () => setImmediate(more)));
      more();
    };
    const words = "with more than any answer of qgjob's";
    expect(await heard(endless)).toEqual(notOurs(404, words));
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, ' '));
    const unpacked: Answer = (response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect(await heard(unpacked)).toEqual(notOurs(200, words));
  });

  test('no redirect is followed', async () => {
    const other = await serve(fine);
    const { url } = await serve(foreign(307, '', { location: `${other.url}/health` }));
    const call = callOnce({ url, token: 'secret' }, 'submitRun', {
      body: { app_version_id: 'v1', tests: ['a'] },
    });
    await expect(call).rejects.toMatchObject({ code: 'unavailable', details: { answered: 307 } });
    expect(other.seen).toEqual([]);
  });

  test('a wait that it asks for is kept, within reason', async () => {
    const asks = (seconds: string) =>
      foreign(429, page, { 'retry-after': seconds, 'content-type': 'text/html' });
    expect(await heard(asks('7'))).toEqual(notOurs(429, aPage, { retry_after_ms: 7000 }));
    expect(await heard(asks('86400'))).toEqual(notOurs(429, aPage, { retry_after_ms: 60_000 }));
  });
});

describe('what is the server’s', () => {
  test('its errors, with code, message, details and the id of the request', async () => {
    const body = {
      code: 'conflict',
      message: 'a\u001b[2J gap',
      details: { size: 4, retry_after_ms: 1e12 },
      request_id: 'r1',
    };
    expect(await heard(json(409, { error: body }))).toEqual({
      code: 'conflict',
      message: 'a gap',
      details: { size: 4 },
      requestId: 'r1',
    });
  });

  test.each([
    [404, 'gone', 'not_found'],
    [409, 'busy_source', 'conflict'],
    [422, 'unprocessable', 'invalid'],
    [500, 'broken', 'internal'],
    [503, 'overloaded', 'unavailable'],
    [416, 'invalid', 'invalid'],
  ])('an error with %i and the code %s, of a newer version or not, is %s', async (status, code, expected) => {
    expect(await heard(error(status, code))).toMatchObject({
      code: expected,
      message: 'no',
      requestId: 'r1',
    });
  });

  test('its health, where it cannot write', async () => {
    expect(await heard(json(503, { status: 'unavailable', version: '1' }))).toMatchObject({
      code: 'unavailable',
      message: 'URL says that it is not ready',
    });
  });

  test('an answer with fields that a newer version has', async () => {
    const newer = { ...makeJob({ tests: [{ name: 'a', status: 'passed', duration_ms: 1 }] }), mood: 'fine' };
    expect(await heard(json(200, newer), 'getJob')).toEqual({ value: newer });
    expect(await heard(json(200, newer), 'startJob')).toMatchObject({ value: { job_id: 'job_1' } });
    const deeper = { ...newer, tests: [{ name: 'a', status: 'passed', duration_ms: 1, mood: 'fine' }] };
    expect(await heard(json(200, deeper), 'getJob')).toEqual({ value: deeper });
    expect(await heard(json(200, deeper), 'startJob')).toEqual({ value: deeper });
  });

  test('an answer with words that a newer version has, but with no other thing in their place', async () => {
    const newer = { ...makeJob(), status: 'borrowed', target: 'watch/series-9' };
    expect(await heard(json(200, newer), 'getJob')).toEqual({ value: newer });
    for (const status of [7, null, '', '<script>', 'x'.repeat(51)]) {
      expect(await heard(json(200, { ...newer, status }), 'getJob')).toMatchObject({
        details: { answered: 200 },
      });
    }
  });

  test('rows that other rules let in may be read, and nothing is done by them', async () => {
    const old = { ...makeJob(), test_path: ' tests/../a ', org_id: 'a/b' };
    expect(await heard(json(200, old), 'getJob')).toEqual({ value: old });
    expect(await heard(json(200, old), 'startJob')).toMatchObject({ details: { answered: 200 } });
    const own = { ...old, org_id: 'acme' };
    expect(await heard(json(200, own), 'startJob')).toEqual({ value: own });
  });

  test('an artifact that is a page', async () => {
    const own = { 'content-type': 'text/html', etag: `"${'0'.repeat(64)}"` };
    expect(await heard(foreign(200, page, own), 'getArtifact')).toEqual({
      value: new TextEncoder().encode(page),
    });
  });

  test('an answer of an older version, without what came later', async () => {
    const { report: _, ...older } = makeJob();
    expect(await heard(json(200, older), 'getJob')).toEqual({ value: makeJob() });
    expect(await heard(json(200, makeRun()), 'cancelRun')).toEqual({ value: makeRun() });
  });
});

test.each<[RouteName, object, string]>([
  ['listJobs', { next_cursor: null }, 'jobs.0.job_id is missing'],
  ['takeLease', {}, 'a lease of 1000000 jobs'],
  ['finishJobs', {}, 'job_id: Invalid input: expected string, received undefined'],
])('a list of a million things that are none is refused at the first: %s', async (name, more, why) => {
  const text = JSON.stringify({ ...more, jobs: 'here' });
  const million = text.replace('"here"', `[${Array.from({ length: 1_000_000 }, () => '{}').join()}]`);
  const answer = foreign(200, million, { 'content-type': 'application/json' });
  const before = process.memoryUsage().heapUsed;
  expect(await heard(answer, name)).toEqual(notOurs(200, `with JSON that is not qgjob's (${why})`));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(500_000_000);
});

test.each([
  [foreign(413), 413, true],
  [foreign(403), 403, true],
  [foreign(200), 200, true],
  [foreign(501), 501, true],
  [foreign(429), 429, false],
  [foreign(408), 408, false],
  [foreign(502), 502, false],
  [error(413, 'too_large'), undefined, false],
  [error(503, 'unavailable'), undefined, false],
])('only an answer in between may be about what was sent (%#)', async (answer, status, mayBe) => {
  const { url } = await serve(answer);
  const refusal = await ask(url).catch((thrown: unknown) => thrown);
  expect([foreignStatus(refusal), mayMeanTheBody(refusal)]).toEqual([status, mayBe]);
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { makeJob, makeRun } from '../cli/test-support/answers.ts';
import { errorTable } from '../protocol/errors.ts';
import { createAgentClient } from './agent-client.ts';
import { callOnce } from './call.ts';
import { checkStrictly } from './check-shape.ts';
import { createClient } from './client.ts';
import { type Answer, error, fine, foreign, hangUp, json, serve, silence } from './test-support/serve.ts';

const job = json(200, makeJob());
const submitted = json(201, { run: makeRun(), jobs: [makeJob()] });
const artifact = json(200, {
  ...{ artifact_id: 'art_1', job_id: 'job_1', attempt: 1, name: 'a', kind: 'other' },
  ...{ content_type: 'text/plain', size: 3, sha256: '0'.repeat(64), url: '/v1/artifacts/art_1' },
});
const list = json(200, { jobs: [], next_cursor: null });

const submit = { body: { app_version_id: 'v1', tests: ['a'] } };

describe('a call', () => {
  test('is sent as its route says, by whom and to what', async () => {
    const { url, seen } = await serve(job, list, submitted);
    await callOnce({ url, token: 'secret', userAgent: 'qgjob-cli/1', check: checkStrictly }, 'startJob', {
      params: { id: 'a/b', job_id: 'job ü' },
      body: { attempt: 1 },
    });
    await callOnce({ url }, 'listJobs', { query: { status: 'queued', limit: 5, cursor: 'a&b' } });
    await callOnce({ url }, 'submitRun', { ...submit, idempotencyKey: 'key-1' });
    expect(seen.map(({ line }) => line)).toEqual([
      'POST /v1/leases/a%2Fb/jobs/job%20%C3%BC/start',
      'GET /v1/jobs?status=queued&limit=5&cursor=a%26b',
      'POST /v1/runs',
    ]);
    expect(seen[0]).toMatchObject({
      headers: {
        authorization: 'Bearer secret',
        'user-agent': 'qgjob-cli/1',
        'content-type': 'application/json',
      },
      body: '{"attempt":1}',
    });
    expect(seen[1]?.headers).not.toHaveProperty('authorization');
    expect(seen[2]?.headers['idempotency-key']).toBe('key-1');
  });

  test('sends bytes as they are, and reads them so', async () => {
    const bytes = new Uint8Array([0, 255, 10]);
    const { url, seen } = await serve(json(200, { size: 3 }), (response) =>
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(bytes),
    );
    const input = { params: { id: 'l', job_id: 'j' }, query: { attempt: 1, offset: 0 }, body: bytes };
    expect(await callOnce({ url, check: checkStrictly }, 'appendLogs', input)).toEqual({ size: 3 });
    expect(seen[0]?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '3',
    });
    expect(await callOnce({ url }, 'readLogs', { params: { id: 'j' } })).toEqual(bytes);
  });

  const upload = { params: { id: 'l', job_id: 'j', name: 'a/b c.png' }, query: { attempt: 1 } };

  test.each([0, 3, 300_000])('sends a file of %i bytes with its length, as a stream', async (size) => {
    const { url, seen } = await serve(artifact);
    const bytes = 'x'.repeat(size);
    await callOnce({ url, check: checkStrictly }, 'uploadArtifact', { ...upload, body: new Blob([bytes]) });
    const stream = () => ReadableStream.from([new TextEncoder().encode(bytes)]);
    await callOnce({ url, check: checkStrictly }, 'uploadArtifact', { ...upload, body: { size, stream } });
    for (const { line, headers, body } of seen) {
      expect(line).toBe('PUT /v1/leases/l/jobs/j/artifacts/a%2Fb%20c.png?attempt=1');
      expect(headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': String(size),
      });
      expect(body).toBe(bytes);
    }
    expect(seen).toHaveLength(2);
  });

  test('reads an artifact as bytes', async () => {
    const bytes = new Uint8Array([0, 255, 10]);
    const { url } = await serve((response) => response.writeHead(200).end(bytes));
    expect(await callOnce({ url }, 'getArtifact', { params: { id: 'art_1' } })).toEqual(bytes);
  });

  test('whose file is shorter than it said is never taken for done', async () => {
    const { url } = await serve(fine);
    const stream = () => ReadableStream.from([new TextEncoder().encode('short')]);
    const call = callOnce({ url, check: checkStrictly }, 'uploadArtifact', {
      ...upload,
      body: { size: 99, stream },
    });
    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('without an answer’s body answers undefined', async () => {
    const { url } = await serve((response) => response.writeHead(204).end());
    expect(await callOnce({ url, check: checkStrictly }, 'takeLease')).toBeUndefined();
  });

  test('of a client whose URL ends in slashes goes to the same place', async () => {
    const { url, seen } = await serve(fine);
    await createClient({ url: `${url}//` }).call('health');
    expect(seen[0]?.line).toBe('GET /health');
  });
});

describe('a refusal', () => {
  test('keeps the server’s code, message, details and request id', async () => {
    const body = { code: 'conflict', message: 'a gap', details: { size: 4 }, request_id: 'r1' };
    const { url } = await serve(json(409, { error: body }));
    await expect(callOnce({ url }, 'health')).rejects.toMatchObject({
      code: 'conflict',
      message: 'a gap',
      details: { size: 4 },
      requestId: 'r1',
    });
  });

  test.each([
    ['7', 7000],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:07 GMT', 7000],
    ['Wed, 21 Oct 2026 07:27:00 GMT', undefined],
    ['soon', undefined],
    ['-1', undefined],
    ['99999999999999', 3_600_000],
  ])('with Retry-After %s says to wait %s ms', async (header, ms) => {
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
    const { url } = await serve(error(503, 'unavailable', { 'retry-after': header, date }));
    const details = ms === undefined ? undefined : { retry_after_ms: ms };
    await expect(callOnce({ url }, 'health')).rejects.toMatchObject({ code: 'unavailable', details });
  });
});

describe('no whole answer is another error than a refusal', () => {
  test('when nothing listens there', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    await expect(callOnce({ url }, 'health')).rejects.toMatchObject({
      code: 'unavailable',
      message: `cannot reach ${url}: ECONNREFUSED. Is the server running there?`,
    });
  });

  test('when it hangs up', async () => {
    const { url } = await serve(hangUp);
    await expect(callOnce({ url }, 'health')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /^the connection to http:\/\/127\.0\.0\.1:\d+ broke before an answer came: UND_ERR_SOCKET/,
      ),
    });
  });

  test('when it hangs up in the middle of its answer', async () => {
    const { url } = await serve((response, request) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"status":', () => request.socket.destroy());
    });
    await expect(callOnce({ url }, 'health')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/ broke in the middle of the answer: \w+\. Did the server stop\?$/),
      details: { is_cut: true },
    });
  });

  test('when its answer does not end in time', async () => {
    const { url } = await serve((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"status":');
    });
    await expect(callOnce({ url }, 'health', { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'unavailable',
      message: `the answer of ${url} did not end in time.`,
    });
  });

  test('when its answer cannot be unpacked', async () => {
    const { url } = await serve(foreign(200, 'not gzip', { 'content-encoding': 'gzip' }));
    await expect(callOnce({ url }, 'health')).rejects.toMatchObject({
      code: 'unavailable',
      message: `the answer of ${url} cannot be unpacked: Z_DATA_ERROR. Does a proxy change it?`,
    });
  });

  test('when it does not answer in time', async () => {
    const { url } = await serve(silence);
    await expect(callOnce({ url }, 'health', { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'unavailable',
      message: `cannot reach ${url}: no answer in time. Is the server running there?`,
    });
  });
});

describe('whether the server has a file', () => {
  const sha256 = 'a'.repeat(64);
  const input = { params: { sha256 }, sha256 };
  const has = async (...answers: Answer[]) => {
    const { url, seen } = await serve(...answers);
    const answer = createClient({ url }, { forMs: 5000, firstDelayMs: 5 }).has('getBundle', input);
    return { answer: await answer.catch((error: unknown) => error), seen };
  };
  const head =
    (status: number, etag = ''): Answer =>
    (response) =>
      response.writeHead(status, { etag: `"${etag}"` }).end();

  test.each([
    ['yes by its ETag', head(200, sha256), true],
    ['no without it', head(200, 'b'.repeat(64)), false],
    ['no by 404', head(404), false],
    ['no by a refusal, which the upload will hear in words', head(403), false],
  ])('%s', async (_, answer, expected) => {
    expect((await has(answer)).answer).toBe(expected);
  });

  test('is asked again while the server is away', async () => {
    const { answer, seen } = await has(head(503), hangUp, head(200, sha256));
    expect(answer).toBe(true);
    expect(seen.map(({ line }) => line)).toEqual(Array(3).fill(`HEAD /v1/bundles/${sha256}`));
  });

  test('is an error where it does not come back', async () => {
    const { url } = await serve(head(502));
    await expect(createClient({ url }, { forMs: 0 }).has('getBundle', input)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('answered 502'),
    });
  });
});

test('an abort is thrown as the reason it was given', async () => {
  const { url } = await serve(silence);
  const reason = new Error('ctrl-c');
  const controller = new AbortController();
  const call = callOnce({ url }, 'health', { signal: controller.signal });
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
  await expect(callOnce({ url }, 'health', { signal: controller.signal })).rejects.toBe(reason);
});

describe('tried again', () => {
  const after = (answer: Answer) => serve(answer, fine);

  test.each([
    ['503', error(503, 'unavailable')],
    ['429', error(429, 'rate_limited')],
    ['500', error(500, 'internal')],
    ['502 of a proxy', json(502, {})],
    ['404 of a proxy', foreign(404, '<h1>Not found</h1>')],
    ['a page instead of an answer', foreign(200, '<h1>Welcome to the hotel</h1>')],
    ['a connection that is cut', hangUp],
  ])('after %s', async (_, answer) => {
    const { url, seen } = await after(answer);
    expect(await createClient({ url }).call('health')).toMatchObject({ status: 'ok' });
    expect(seen).toHaveLength(2);
  });

  test('with the whole file, an upload', async () => {
    const { url, seen } = await serve(error(503, 'unavailable'), hangUp, artifact);
    let opened = 0;
    const stream = () => {
      opened += 1;
      return ReadableStream.from([new TextEncoder().encode('one, '), new TextEncoder().encode('two')]);
    };
    await createAgentClient({ url }).call('uploadArtifact', {
      params: { id: 'l', job_id: 'j', name: 'a' },
      query: { attempt: 1 },
      body: { size: 8, stream },
    });
    expect(seen.map(({ body }) => body)).toEqual(['one, two', 'one, two', 'one, two']);
    expect(opened).toBe(3);
  });

  test('with its idempotency key, a call that is not repeatable by itself', async () => {
    const { url, seen } = await serve(error(503, 'unavailable'), submitted);
    await createClient({ url }).call('submitRun', { ...submit, idempotencyKey: 'key-1' });
    expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'key-1']);
  });
});

describe('never tried again', () => {
  const finalCodes = Object.entries(errorTable).filter(([, { retryable }]) => !retryable);

  test.each(finalCodes)('after %s', async (code, { status }) => {
    const { url, seen } = await serve(error(status, code), fine);
    await expect(createClient({ url }).call('health')).rejects.toMatchObject({ code });
    expect(seen).toHaveLength(1);
  });

  test.each(['submitRun', 'submitJob', 'retryRun', 'createToken', 'createOrg'] as const)(
    '%s without a key: it may have been done',
    async (name) => {
      const { url, seen } = await serve(error(503, 'unavailable'), json(201, {}));
      await expect(createClient({ url }).call(name, { params: { id: 'x' } })).rejects.toMatchObject({
        code: 'unavailable',
      });
      expect(seen).toHaveLength(1);
    },
  );

  test('when the server asks for more patience than there is', async () => {
    const { url, seen } = await serve(error(503, 'unavailable', { 'retry-after': '60' }), fine);
    await expect(createClient({ url }).call('health')).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toHaveLength(1);
  });

  test('by a client that has no time for it', async () => {
    const { url, seen } = await serve(hangUp, fine);
    await expect(createClient({ url }, { forMs: 0 }).call('health')).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(seen).toHaveLength(1);
  });
});

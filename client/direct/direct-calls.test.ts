import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { addressType } from '../../protocol/address-type.ts';
import { createClient } from '../index.ts';
import { type Answer, error, foreign, hangUp, json, serve } from '../test-support/serve.ts';
import { sendDirect } from './send-direct.ts';

const text = 'the bytes of a file';
const sha256 = createHash('sha256').update(text).digest('hex');
const token = 'qgj_secret';

const bytes: Answer = (response) => void response.writeHead(200, { etag: `"${sha256}"` }).end(text);
const addressOf = (url: string, more: object = {}): Answer =>
  json(
    200,
    { url, expires_at: '2026-01-01T00:00:00.000Z', size: text.length, sha256, ...more },
    {
      'content-type': addressType,
    },
  );

async function read(client: ReturnType<typeof createClient>): Promise<string> {
  const chunks: Uint8Array[] = [];
  const input = { params: { id: 'art_1' }, sha256 };
  for await (const chunk of await client.open('getArtifact', input)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** A server that names an address of this store, and then answers by bytes. */
async function startLab(...atStore: Answer[]) {
  const store = await serve(...atStore);
  const server = await serve(addressOf(`${store.url}/file?signature=1`), bytes);
  const client = createClient({ url: server.url, token, userAgent: 'qgjob-test/1' }, { forMs: 0 });
  return { store, server, client };
}

test('the bytes come from the address that the server names, where the token is not sent', async () => {
  const { store, server, client } = await startLab((response) => void response.end(text));
  expect(await read(client)).toBe(text);
  expect(server.seen[0]?.headers).toMatchObject({ authorization: `Bearer ${token}` });
  expect(server.seen[0]?.headers.accept).toMatch(/^application\/vnd\.qgjob\.address\+json, /);
  expect(store.seen).toMatchObject([{ line: 'GET /file?signature=1' }]);
  expect(store.seen[0]?.headers).not.toHaveProperty('authorization');
  expect(JSON.stringify(store.seen)).not.toContain(token);
});

test.each([
  ['refuses, as an expired one does', foreign(403, '<Error/>')],
  ['is not there any more', foreign(404, '<Error/>')],
  ['leads elsewhere', foreign(302, '', { location: 'http://127.0.0.1:1/' })],
  ['has a page of another length', foreign(200, '<html>sign in</html>', { 'content-length': '20' })],
  ['cannot be reached', hangUp],
])(
  'an address that %s makes the bytes come through the server, and is left alone for a while',
  async (_, answer) => {
    const { store, server, client } = await startLab(answer);
    expect(await read(client)).toBe(text);
    expect(server.seen).toHaveLength(2);
    expect(server.seen[1]?.headers.accept).toBe('application/json');
    expect(await read(client.as('other').with({}))).toBe(text);
    expect(store.seen).toHaveLength(1);
  },
);

test.each([
  ['of another scheme', 'ftp://127.0.0.1/x', {}],
  ['that is none', 'nonsense', {}],
  ['with a password', 'http://a:b@127.0.0.1:9/x', {}],
  ['of another file', undefined, { sha256: '0'.repeat(64) }],
  ['without a size', undefined, { size: 'x' }],
])('an address %s is not called', async (_, url, more) => {
  const store = await serve((response) => void response.end(text));
  const server = await serve(addressOf(url ?? store.url, more), bytes);
  expect(await read(createClient({ url: server.url, token }, { forMs: 0 }))).toBe(text);
  expect(store.seen).toEqual([]);
});

test('plain http to another host is not called from a server with https', async () => {
  const called: string[] = [];
  const fetch = (async (url: string | Request) => {
    const { href, protocol } = new URL(url instanceof Request ? url.url : url);
    called.push(href);
    if (protocol === 'http:' || called.length > 1)
      return new Response(text, { headers: { etag: `"${sha256}"` } });
    const body = { url: 'http://store.example/x', expires_at: '', size: text.length, sha256 };
    return new Response(JSON.stringify(body), { headers: { 'content-type': addressType } });
  }) as typeof globalThis.fetch;
  const client = createClient({ url: 'https://ci.example', fetch }, { forMs: 0 });
  expect(await read(client)).toBe(text);
  expect(called).toEqual(['https://ci.example/v1/artifacts/art_1', 'https://ci.example/v1/artifacts/art_1']);
});

test.each([
  ['others of the same length', (response) => void response.end(text.replace('bytes', 'BYTES'))],
  [
    'fewer',
    (response, request) => {
      response.writeHead(200, { 'content-length': String(text.length) });
      response.write(text.slice(0, 4), () => request.socket.destroy());
    },
  ],
] as [string, Answer][])(
  'bytes that are %s end in an error, and the next try takes the server',
  async (_, answer) => {
    const { store, server, client } = await startLab(answer);
    await expect(read(client)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(store.url),
    });
    expect(await read(client)).toBe(text);
    expect([store.seen.length, server.seen.length]).toEqual([1, 2]);
  },
);

test('an older server, which names no address, is asked once', async () => {
  const server = await serve(bytes);
  expect(await read(createClient({ url: server.url }, { forMs: 0 }))).toBe(text);
  expect(server.seen).toHaveLength(1);
});

const plan = (url: string | null, more: object = {}) => ({
  ...{ send: 'address' as const, url, method: 'PUT' as const, expires_at: null, artifact_id: null },
  headers: { 'content-length': String(text.length), 'x-amz-content-sha256': sha256 },
  ...more,
});

/** Uploads to a store by this plan. */
async function upload(made: (url: string) => object, ...atStore: Answer[]) {
  const store = await serve(...atStore);
  const { direct } = createClient({ url: 'http://127.0.0.1:1', token });
  let plans = 0;
  const send = (complete: () => Promise<string> = async () => 'done') =>
    sendDirect(direct, {
      body: new Blob([text]),
      complete,
      plan: async () => {
        plans += 1;
        return plan(store.url, made(store.url));
      },
    });
  return { store, direct, send, plans: () => plans };
}

test('a file goes to the address with the signed headers and without the token, and then it is completed', async () => {
  const { store, send } = await upload((url) => ({ url: `${url}/file` }), foreign(200));
  expect(await send()).toEqual({ way: 'address', answer: 'done' });
  expect(store.seen).toMatchObject([{ line: 'PUT /file', body: text }]);
  expect(store.seen[0]?.headers).toMatchObject({ 'content-length': '19', 'x-amz-content-sha256': sha256 });
  expect(store.seen[0]?.headers).not.toHaveProperty('authorization');
});

test.each([
  ['refuses', foreign(403)],
  ['hangs up', hangUp],
  ['leads elsewhere', foreign(307, '', { location: 'http://127.0.0.1:1/' })],
])('where the address %s, the file goes through the server, and the next ones too', async (_, answer) => {
  const { store, send } = await upload(() => ({}), answer);
  expect([await send(), await send()]).toEqual([{ way: 'server' }, { way: 'server' }]);
  expect(store.seen).toHaveLength(1);
});

test.each([
  ['that mean something to another host', { 'metadata-flavor': 'google' }],
  ['of another length', { 'content-length': '20' }],
  ['with a line end', { 'x-amz-acl': 'a\r\nb: c' }],
])('headers %s are not sent', async (_, headers) => {
  const all = { 'content-length': '19', ...headers };
  const { store, send } = await upload(() => ({ headers: all }), foreign(200));
  expect(await send()).toEqual({ way: 'server' });
  expect(store.seen).toEqual([]);
});

test('bytes that did not come there, by the word of the server, go through it', async () => {
  const { store, send } = await upload(() => ({}), foreign(200));
  const server = await serve(error(404, 'not_found'));
  const client = createClient({ url: server.url }, { forMs: 0 });
  const complete = () => client.call('getJob', { params: { id: 'x' } }).then(() => '');
  expect(await send(complete)).toEqual({ way: 'server' });
  expect(await send()).toEqual({ way: 'server' });
  expect(store.seen).toHaveLength(1);
});

test('a server that wants the bytes itself is not asked again for a while; one that has them needs none', async () => {
  const wants = await upload(() => ({ send: 'server', url: null }), foreign(200));
  expect([await wants.send(), await wants.send(), wants.plans()]).toEqual([
    { way: 'server' },
    { way: 'server' },
    1,
  ]);
  const has = await upload(() => ({ send: 'nothing', url: null }), foreign(200));
  expect([await has.send(), await has.send(), has.plans()]).toEqual([
    { way: 'nothing' },
    { way: 'nothing' },
    2,
  ]);
});

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Client } from '../../client/index.ts';
import { limits } from '../../protocol/limits.ts';
import type { RegisterAppVersion } from '../../protocol/shapes/app-version.ts';
import { addOrg, startTestServer, type TestServer } from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

let server: TestServer;
let acme: World;
let client: Client;
beforeEach(async () => {
  server = await startTestServer();
  acme = new World(server, await addOrg(server, 'acme'));
  client = server.as(acme.tokens.submit);
});

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const register = (id: string, body: Partial<RegisterAppVersion> = {}) =>
  client.call('registerAppVersion', { params: { id }, body: { platform: 'android', ...body } });
const upload = (id: string, text: string) =>
  client.call('uploadAppFile', { params: { id }, body: new Blob([text]) });
const download = async (id: string): Promise<string> =>
  new TextDecoder().decode(await client.call('getAppFile', { params: { id } }));
/** The files of all orgs that are kept, those of uploads that go on too. */
const stored = (): string[] => {
  const folder = join(server.dataDir, 'blobs', 'apps');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
};

test('a build is uploaded once and is what the devices of its leases get', async () => {
  await register('v1', { package_name: 'com.example.shop', sha256: hashOf('the build') });
  const known = await upload('v1', 'the build');
  expect(known).toMatchObject({
    ...{ org_id: 'acme', app_version_id: 'v1', platform: 'android', package_name: 'com.example.shop' },
    ...{ sha256: hashOf('the build'), size: 9, url: null },
  });
  expect(await client.call('getAppVersion', { params: { id: 'v1' } })).toEqual(known);
  expect(await download('v1')).toBe('the build');

  const { lease } = await acme.lease({ app_version_id: 'v1' });
  expect(lease.app).toEqual({
    ...{ platform: 'android', package_name: 'com.example.shop' },
    ...{ sha256: hashOf('the build'), size: 9 },
  });
  const bytes = await acme.of(lease).call('getLeaseApp', { params: { id: lease.lease_id } });
  expect(new TextDecoder().decode(bytes)).toBe('the build');
});

test('a lease of a version that nobody registered says nothing of an app, and has no file', async () => {
  const { lease } = await acme.lease({ app_version_id: 'v1' });
  expect(lease.app).toBeUndefined();
  const asked = { params: { id: lease.lease_id }, token: lease.token };
  expectRefusal(await server.ask('getLeaseApp', asked), 404, 'not_found');
});

test('a lease says the address of an app without a file, and no size of a build that is only announced', async () => {
  await register('v1', { platform: 'ios', url: 'https://example.com/shop.ipa', sha256: hashOf('later') });
  const { lease } = await acme.lease({ app_version_id: 'v1' });
  expect(lease.app).toEqual({
    platform: 'ios',
    url: 'https://example.com/shop.ipa',
    sha256: hashOf('later'),
  });
});

test('the end of a lease is the end of its download', async () => {
  await register('v1');
  await upload('v1', 'the build');
  const { lease } = await acme.lease({ app_version_id: 'v1' });
  await acme.of(lease).call('releaseLease', { params: { id: lease.lease_id } });
  const asked = { params: { id: lease.lease_id }, token: lease.token };
  expectRefusal(await server.ask('getLeaseApp', asked), 409, 'lease_lost');
});

test('the same bytes again are taken and write nothing; others are a conflict and change nothing', async () => {
  await register('v1');
  const first = await upload('v1', 'the build');
  const before = stored();
  expect(await upload('v1', 'the build')).toEqual(first);
  await expect(upload('v1', 'another')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('give each build a version of its own'),
  });
  expect(stored()).toEqual(before);
  expect(await download('v1')).toBe('the build');
});

test('bytes that are not those that were announced are a conflict, and nothing is kept', async () => {
  await register('v1', { sha256: hashOf('the build') });
  await expect(upload('v1', 'another')).rejects.toMatchObject({ code: 'conflict' });
  expect(stored()).toEqual([]);
  expect(await client.call('getAppVersion', { params: { id: 'v1' } })).toMatchObject({ size: null });
});

test('two versions with the same build share its bytes: the second needs no upload', async () => {
  await register('v1');
  await register('v3', { sha256: hashOf('the build') });
  await upload('v1', 'the build');
  expect(await register('v2', { sha256: hashOf('the build') })).toMatchObject({ size: 9 });
  expect(await download('v2')).toBe('the build');
  expect(await download('v3')).toBe('the build');
  expect(stored()).toEqual([hashOf('the build')]);
});

test('another org does not get a build by its hash', async () => {
  await register('v1');
  await upload('v1', 'the build');
  const rival = server.as((await addOrg(server, 'rival')).submit);
  const body = { platform: 'android' as const, sha256: hashOf('the build') };
  expect(await rival.call('registerAppVersion', { params: { id: 'v1' }, body })).toMatchObject({
    size: null,
  });
  await expect(rival.call('getAppFile', { params: { id: 'v1' } })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a version keeps its platform and its build, and may get another address', async () => {
  await register('v1', { url: 'https://example.com/1', sha256: hashOf('the build') });
  await expect(register('v1', { platform: 'ios' })).rejects.toMatchObject({
    code: 'conflict',
    message: 'app version v1 is for android, not for ios',
  });
  await expect(register('v1', { sha256: hashOf('another') })).rejects.toMatchObject({ code: 'conflict' });
  expect(await register('v1', { url: 'https://example.com/2' })).toMatchObject({
    url: 'https://example.com/2',
    sha256: hashOf('the build'),
  });
});

test('a build whose bytes are gone, as after a restored backup, can be uploaded again', async () => {
  const body = { sha256: hashOf('the build') };
  await register('v1', body);
  await upload('v1', 'the build');
  rmSync(join(server.dataDir, 'blobs', 'apps'), { recursive: true });
  expect(await server.ask('getAppFile', { params: { id: 'v1' }, query: { org_id: 'acme' } })).toMatchObject({
    status: 404,
  });
  expect(await register('v1', body)).toMatchObject({ size: null });
  expect(await upload('v1', 'the build')).toMatchObject({ size: 9 });
  expect(await download('v1')).toBe('the build');
});

test('an upload that is cut keeps nothing, and one for an unknown version says what to do', async () => {
  await register('v1');
  const cut = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(100_000));
    },
    pull: (controller) => controller.error(new Error('gone')),
  });
  const body = { size: 200_000, stream: () => cut };
  await expect(client.call('uploadAppFile', { params: { id: 'v1' }, body })).rejects.toThrow();
  expect(await client.call('getAppVersion', { params: { id: 'v1' } })).toMatchObject({ size: null });
  await expect(upload('v2', 'the build')).rejects.toMatchObject({
    code: 'not_found',
    message: 'this org has no app version v2; register it with PUT /v1/app-versions/v2',
  });
});

test('a file that is too large is refused by its declared size, before any byte of it', async () => {
  await register('v1');
  const headers = {
    authorization: `Bearer ${acme.tokens.submit}`,
    'content-length': String(limits.appBytes + 1),
  };
  const sending = request(`${server.url}/v1/app-versions/v1/file`, { method: 'PUT', headers });
  const status = await new Promise((resolve, reject) => {
    sending.on('response', (response) => resolve(response.statusCode)).on('error', reject);
    sending.flushHeaders();
  });
  sending.on('error', () => undefined).destroy();
  expect(status).toBe(413);
  expect(stored()).toEqual([]);
});

test('the list is that of the org, newest first, page by page', async () => {
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  for (const id of ids) await register(id);
  const rival = server.as((await addOrg(server, 'rival')).submit);
  await rival.call('registerAppVersion', { params: { id: 'theirs' }, body: { platform: 'ios' } });
  const page = async (query: { limit: number; cursor?: string }) => {
    const { app_versions: some, next_cursor: cursor } = await client.call('listAppVersions', { query });
    return { ids: some.map(({ app_version_id: id }) => id), cursor };
  };
  const first = await page({ limit: 2 });
  expect(first.ids).toEqual([ids[2], ids[1]]);
  const second = await page({ limit: 2, cursor: first.cursor ?? '' });
  expect(second).toEqual({ ids: [ids[0]], cursor: null });
});

test.each([
  ['a platform that is none', { platform: 'windows' }, 'platform'],
  ['an address that is none', { platform: 'ios', url: 'shop.ipa' }, 'url'],
  ['a package name with a blank', { platform: 'ios', package_name: 'com. example' }, 'package_name'],
  ['a hash in upper case', { platform: 'ios', sha256: 'A'.repeat(64) }, 'sha256'],
])('%s is refused', async (_, body, field) => {
  const answer = await server.ask('registerAppVersion', {
    ...{ params: { id: 'v1' }, query: { org_id: 'acme' } },
    body,
  });
  expectRefusal(answer, 400, 'invalid');
  expect(answer.json.error.message).toContain(field);
});

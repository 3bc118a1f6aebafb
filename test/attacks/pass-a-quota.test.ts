import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import type { Scope } from '../../protocol/states.ts';
import { addOrg, startTestServer, type TestServer } from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

let server: TestServer;
let acme: Record<Scope, string>;
let rival: Record<Scope, string>;

beforeEach(async () => {
  server = await startTestServer();
  acme = await addOrg(server, 'acme');
  rival = await addOrg(server, 'rival');
});

const limit = (quotas: object) =>
  server.client.call('patchOrg', { params: { id: 'acme' }, body: { quotas } });

const submit = (token: string, count: number) =>
  server.ask('submitRun', {
    token,
    body: { app_version_id: 'v1', tests: Array.from({ length: count }, (_, n) => `${n}.spec.ts`) },
  });

test('an org whose queue is full is told what it has and may have, and other orgs feel nothing', async () => {
  await limit({ queued_jobs: 5 });
  expect((await submit(acme.submit, 3)).status).toBe(201);
  const refused = await submit(acme.submit, 3);
  expectRefusal(refused, 429, 'rate_limited');
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.json.error).toMatchObject({ details: { quota: 'queued_jobs', has: 3, may: 5 } });
  expect(refused.json.error.message).toContain('org acme has 3 jobs waiting and may have 5');
  expect((await submit(acme.submit, 2)).status).toBe(201);
  expect((await submit(rival.submit, 100)).status).toBe(201);
  await limit({ queued_jobs: null });
  expect((await submit(acme.submit, 100)).status).toBe(201);
});

test('submits at the same moment do not pass the quota together', async () => {
  await limit({ queued_jobs: 10 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => submit(acme.submit, 3)));
  expect(answers.filter(({ status }) => status === 201).length).toBe(3);
});

test('jobs that were cancelled make room again', async () => {
  await limit({ queued_jobs: 2 });
  const { json } = await submit(acme.submit, 2);
  expectRefusal(await submit(acme.submit, 1), 429, 'rate_limited');
  await server.as(acme.submit).call('cancelRun', { params: { id: json.run.run_id } });
  expect((await submit(acme.submit, 2)).status).toBe(201);
});

test('agents and devices online are counted, those of the same agent once', async () => {
  await limit({ agents: 1, devices: 2 });
  const register = (name: string, devices: number) =>
    server.ask('registerAgent', {
      token: acme.agent,
      body: {
        ...{ name, boot_id: `boot-of-${name}`, version: '1' },
        devices: Array.from({ length: devices }, (_, n) => ({ name: `d${n}`, target: 'emulator' })),
      },
    });
  expect((await register('rack', 2)).status).toBe(200);
  expect((await register('rack', 1)).status).toBe(200);
  expectRefusal(await register('rack', 3), 429, 'rate_limited');
  expectRefusal(await register('other', 1), 429, 'rate_limited');
});

const bundle = (text: string) => {
  const body = new TextEncoder().encode(text);
  return { params: { sha256: createHash('sha256').update(body).digest('hex') }, body };
};

test('bundles, builds and artifacts share the room of their org, which what is deleted gives back', async () => {
  await limit({ storage_bytes: 10 });
  const upload = (text: string) => server.ask('uploadBundle', { token: acme.submit, ...bundle(text) });
  expect((await upload('123456')).status).toBe(200);
  expectRefusal(await upload('other7'), 429, 'rate_limited');
  // What is there already needs no room.
  expect((await upload('123456')).status).toBe(200);
  const params = { id: 'v1' };
  await server.ask('registerAppVersion', { token: acme.submit, params, body: { platform: 'android' } });
  const build = (text: string) =>
    server.ask('uploadAppFile', { token: acme.submit, params, body: new TextEncoder().encode(text) });
  expectRefusal(await build('12345'), 429, 'rate_limited');
  expect((await build('1234')).status).toBe(200);
  const world = new World(server, acme);
  const { lease, job } = await world.running();
  const artifact = () =>
    server.ask('uploadArtifact', {
      token: lease.token,
      params: { id: lease.lease_id, job_id: job.job_id, name: 'a.txt' },
      query: { attempt: 1 },
      body: new TextEncoder().encode('1'),
    });
  expectRefusal(await artifact(), 429, 'rate_limited');
  await limit({ storage_bytes: 11 });
  expect((await artifact()).status).toBe(200);
  expect((await server.ask('uploadBundle', { token: rival.submit, ...bundle('123456') })).status).toBe(200);
});

test('uploads that are under way have taken their room, also where they declare no size', async () => {
  // What declares no size may be as large as a bundle may be.
  await limit({ storage_bytes: limits.bundleBytes + 10 });
  const { params } = bundle('slow');
  const pending = Promise.withResolvers<void>();
  async function* slowly() {
    yield new TextEncoder().encode('sl');
    await pending.promise;
    yield new TextEncoder().encode('ow');
  }
  const first = fetch(`${server.url}/v1/bundles/${params.sha256}`, {
    ...{ method: 'PUT', duplex: 'half', headers: { authorization: `Bearer ${acme.submit}` } },
    body: ReadableStream.from(slowly()),
  } as RequestInit);
  const second = () => server.ask('uploadBundle', { token: acme.submit, ...bundle('eleven byte') });
  await expect.poll(async () => (await second()).status).toBe(429);
  pending.resolve();
  expect((await first).status).toBe(200);
  expect((await second()).status).toBe(200);
});

test('an admin of the org does not change its quotas, and sees them', async () => {
  const answer = await server.ask('patchOrg', {
    ...{ token: acme.admin, params: { id: 'acme' } },
    body: { quotas: { queued_jobs: 1_000_000 } },
  });
  expectRefusal(answer, 403, 'forbidden');
  const paused = await server
    .as(acme.admin)
    .call('patchOrg', { params: { id: 'acme' }, body: { paused: true } });
  expect(paused.quotas).toEqual({ queued_jobs: 100_000, storage_bytes: null, agents: 2000, devices: 20_000 });
});

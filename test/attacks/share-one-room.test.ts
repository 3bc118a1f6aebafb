import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RouteName } from '../../protocol/routes.ts';
import type { UploadPlan } from '../../protocol/shapes/upload.ts';
import { ArtifactLab, digest, testLimits } from '../support/artifact-lab.ts';
import { tempFolder } from '../support/queue.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { type RawAnswer, type RawInput, startTestServer } from '../support/server.ts';
import { expectRefusal } from '../support/world.ts';

/** Tries to keep more in a server's bucket than the quota of the org allows. */
let s3: TestS3;
let lab: ArtifactLab;
let now: number;

beforeEach(async () => {
  now = Date.now();
  s3 = await startS3(tempFolder());
  const server = await startTestServer({
    ...{ flags: s3.flags, artifactLimits: testLimits, now: () => now },
  });
  lab = await ArtifactLab.open(server);
});

const limit = (bytes: number) =>
  lab.server.client.call('patchOrg', { params: { id: 'acme' }, body: { quotas: { storage_bytes: bytes } } });

const put = ({ url, headers }: UploadPlan, body: string): Promise<Response> =>
  fetch(url ?? '', { method: 'PUT', headers: headers ?? {}, body });

interface Way {
  readonly open: RouteName;
  readonly complete: RouteName;
  /** Sends these bytes through the server, as those of the file that the call names. */
  readonly send: (input: RawInput, bytes: string) => Promise<RawAnswer>;
  /** What both calls have, and whether the file is there. */
  readonly call: (text: string) => Promise<{ input: RawInput; isThere: () => Promise<boolean> }>;
}

const bundles: Way = {
  ...{ open: 'openBundleUpload', complete: 'completeBundleUpload' },
  send: (input, body) => lab.server.ask('uploadBundle', { ...input, body }),
  async call(text) {
    const input = { token: lab.acme.tokens.submit, params: { sha256: digest(text) } };
    const isThere = async () => (await lab.server.ask('getBundle', input)).status === 200;
    return { input: { ...input, body: { size: text.length } }, isThere };
  },
};

const builds: Way = {
  ...{ open: 'openAppUpload', complete: 'completeAppUpload' },
  async send({ body, ...input }, bytes) {
    const { sha256 } = body as { sha256: string };
    await lab.server.ask('registerAppVersion', { ...input, body: { platform: 'android', sha256 } });
    return lab.server.ask('uploadAppFile', { ...input, body: bytes });
  },
  async call(text) {
    const input = { token: lab.acme.tokens.submit, params: { id: `v-${text}` } };
    await lab.server.ask('registerAppVersion', { ...input, body: { platform: 'android' } });
    const isThere = async () => (await lab.server.ask('getAppFile', input)).status === 200;
    return { input: { ...input, body: { size: text.length, sha256: digest(text) } }, isThere };
  },
};

const artifacts: Way = {
  ...{ open: 'openArtifactUpload', complete: 'completeArtifactUpload' },
  send({ body, ...input }, bytes) {
    const { attempt, sha256 } = body as { attempt: number; sha256: string };
    return lab.server.ask('uploadArtifact', { ...input, query: { attempt, sha256 }, body: bytes });
  },
  async call(text) {
    const held = await lab.acme.running();
    const input = { token: held.lease.token, params: { ...lab.params(held), name: 'a.txt' } };
    const isThere = async () => (await lab.list(held)).length > 0;
    return { input: { ...input, body: { attempt: 1, size: text.length, sha256: digest(text) } }, isThere };
  },
};

describe.each([
  ['bundle', bundles],
  ['build', builds],
  ['artifact', artifacts],
])('the %s that goes to a signed address', (_, { open, complete, call, send }) => {
  test('has its room for as long as it may be completed', async () => {
    await limit(10);
    const [first, other] = [await call('first6'), await call('other6')];
    expect((await lab.server.ask(open, first.input)).status).toBe(200);
    // By this clock their leases have ended long ago: nobody is to take them back meanwhile.
    await lab.server.stopLoops();
    now += 11 * 3_600_000;
    expectRefusal(await lab.server.ask(open, other.input), 429, 'rate_limited');
    // Asked for again it is the same upload.
    expect((await lab.server.ask(open, first.input)).status).toBe(200);
    now += 13 * 3_600_000;
    expect((await lab.server.ask(open, other.input)).status).toBe(200);
  });

  test('is refused at its end where there is no room any more, and is seen by nobody', async () => {
    await limit(10);
    const { input, isThere } = await call('bytes6');
    const plan = (await lab.server.ask(open, input)).json as UploadPlan;
    expect((await put(plan, 'bytes6')).status).toBe(200);
    await limit(5);
    const { artifact_id } = plan;
    const end = { ...input, body: { ...(input.body as object), ...(artifact_id && { artifact_id }) } };
    const refused = await lab.server.ask(complete, end);
    expectRefusal(refused, 429, 'rate_limited');
    expect(refused.json.error).toMatchObject({ details: { quota: 'storage_bytes', has: 0, may: 5 } });
    expect(await isThere()).toBe(false);
    await limit(6);
    expect((await lab.server.ask(complete, end)).status).toBe(200);
    expect(await isThere()).toBe(true);
    // It has a row now, and its room no second time.
    await limit(12);
    expect((await lab.server.ask(open, (await call('other6')).input)).status).toBe(200);
  });

  test('keeps its room where an upload of it through the server fails, and is one with that which ends', async () => {
    await limit(10);
    const [first, other, small] = [await call('first6'), await call('other6'), await call('four')];
    expect((await lab.server.ask(open, first.input)).status).toBe(200);
    for (const forged of ['forged', 'no']) {
      expect((await send(first.input, forged)).status).toBeOneOf([400, 409]);
      expectRefusal(await lab.server.ask(open, other.input), 429, 'rate_limited');
    }
    expect((await send(first.input, 'first6')).status).toBe(200);
    expectRefusal(await lab.server.ask(open, other.input), 429, 'rate_limited');
    expect((await lab.server.ask(open, small.input)).status).toBe(200);
  });
});

test('two builds of one app version at the same time take the room of both', async () => {
  await limit(10);
  const token = lab.acme.tokens.submit;
  const params = { id: 'v1' };
  const sha256 = digest('first6');
  await lab.server.ask('registerAppVersion', { token, params, body: { platform: 'android', sha256 } });
  const pending = Promise.withResolvers<void>();
  async function* slowly() {
    yield new TextEncoder().encode('fir');
    await pending.promise;
    yield new TextEncoder().encode('st6');
  }
  const url = `${lab.server.url}/v1/app-versions/v1/file`;
  const headers = { authorization: `Bearer ${token}`, 'content-length': '6' };
  const first = fetch(url, {
    ...{ method: 'PUT', headers, duplex: 'half', body: ReadableStream.from(slowly()) },
  } as RequestInit);
  const other = () => lab.server.ask('uploadAppFile', { token, params, body: 'other6' });
  // Before the first one has begun it is another build, and then there is no room for it.
  await expect.poll(async () => (await other()).status).toBe(429);
  pending.resolve();
  expect((await first).status).toBe(200);
});

test('a build that the org has needs no room again: for another version, or where its bytes were lost', async () => {
  await limit(10);
  const { input } = await builds.call('build6');
  const plan = (await lab.server.ask('openAppUpload', input)).json as UploadPlan;
  await put(plan, 'build6');
  expect((await lab.server.ask('completeAppUpload', input)).status).toBe(200);
  const { token, body } = input;
  const second = { token, params: { id: 'v2' }, body } as RawInput;
  await lab.server.ask('registerAppVersion', { ...second, body: { platform: 'android' } });
  expect((await lab.server.ask('openAppUpload', second)).json.send).toBe('address');
  expect((await lab.server.ask('completeAppUpload', second)).status).toBe(200);
  rmSync(join(s3.folder, 'apps'), { recursive: true });
  expect((await lab.server.ask('openAppUpload', second)).json.send).toBe('address');
  expect((await builds.send(second, 'build6')).status).toBe(200);
  expectRefusal(
    await lab.server.ask('openAppUpload', (await builds.call('five5')).input),
    429,
    'rate_limited',
  );
  expect((await lab.server.ask('openAppUpload', (await builds.call('four')).input)).status).toBe(200);
});

test('a build that a store does not take goes on through the server in the room that it has', async () => {
  await limit(10);
  const { input } = await builds.call('build6');
  const { token, params } = input;
  const body = { platform: 'android', sha256: digest('build6') };
  await lab.server.ask('registerAppVersion', { token, params, body } as RawInput);
  expect((await lab.server.ask('openAppUpload', input)).json.send).toBe('address');
  expect((await lab.server.ask('uploadAppFile', { token, params, body: 'build6' } as RawInput)).status).toBe(
    200,
  );
});

test.each([
  ['completed', (input: RawInput) => lab.server.ask('completeAppUpload', input)],
  ['sent through the server', (input: RawInput) => builds.send(input, 'build6')],
])('a build that another version has brought leaves the room of its plan where it is %s', async (_, end) => {
  await limit(12);
  const { input } = await builds.call('build6');
  const { token } = input;
  expect((await lab.server.ask('openAppUpload', input)).status).toBe(200);
  const other = { token, params: { id: 'v2' } };
  await lab.server.ask('registerAppVersion', { ...other, body: { platform: 'android' } });
  expect((await lab.server.ask('uploadAppFile', { ...other, body: 'build6' })).status).toBe(200);
  expect((await end(input)).status).toBe(200);
  expect((await lab.server.ask('openAppUpload', (await builds.call('other6')).input)).status).toBe(200);
});

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressType } from '../../protocol/address-type.ts';
import { FileAddress, type UploadPlan } from '../../protocol/shapes/upload.ts';
import { ArtifactLab, digest, testLimits } from '../../test/support/artifact-lab.ts';
import { startS3, type TestS3 } from '../../test/support/s3.ts';
import { newDataDir, openServer, type RawAnswer, type RawInput } from '../../test/support/server.ts';
import { expectRefusal } from '../../test/support/world.ts';

let folder: string;
let s3: TestS3;
let lab: ArtifactLab;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qgjob-addresses-'));
  s3 = await startS3(join(folder, 's3'), 'qgjob', true);
  lab = await ArtifactLab.open(
    await openServer(newDataDir(folder), { artifactLimits: testLimits, flags: s3.flags }),
  );
});

afterAll(async () => {
  await lab.server.close();
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
});

const accept = { accept: `${addressType}, */*;q=0.5` };

/** The file at the address of an answer. */
async function fetchAddress(
  answer: RawAnswer,
): Promise<{ address: FileAddress; response: Response; text: string }> {
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers.get('content-type')).toBe(addressType);
  const address = FileAddress.parse(answer.json);
  const response = await fetch(address.url);
  return { address, response, text: await response.text() };
}

const put = ({ url, headers }: UploadPlan, body: string): Promise<Response> =>
  fetch(url ?? '', { method: 'PUT', headers: headers ?? {}, body });

describe('a download', () => {
  test('of an artifact is answered by an address to callers that take one, and by bytes to all others', async () => {
    const id = await lab.keep('traces/über.html', '<script>1</script>');
    const { address, response, text } = await fetchAddress(await lab.download(id, accept));
    expect(text).toBe('<script>1</script>');
    expect(address).toMatchObject({ size: 18, sha256: digest(text) });
    const inMs = Date.parse(address.expires_at) - Date.now();
    expect(inMs).toBeGreaterThan(600_000);
    expect(inMs).toBeLessThan(1_000_000);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="_ber.html"');
    for (const header of [{}, { accept: '*/*' }, { accept: 'application/json' }]) {
      const bytes = await lab.download(id, header as Record<string, string>);
      expect(bytes).toMatchObject({ status: 200, text });
      expect(bytes.headers.get('etag')).toBe(`"${digest(text)}"`);
    }
    expect(await lab.download(id, { range: 'bytes=1-6' })).toMatchObject({ status: 206, text: 'script' });
    expectRefusal(await lab.download(id, { range: 'bytes=18-' }), 416, 'invalid');
  });

  test('is an attachment at its address, also where a browser would show it from here', async () => {
    const id = await lab.keep('home.png', 'png');
    const { response } = await fetchAddress(await lab.download(id, accept));
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment;/);
    expect((await lab.download(id)).headers.get('content-disposition')).toMatch(/^inline;/);
  });

  test('needs the token here, and none at the address, which is good for this file and call alone', async () => {
    const id = await lab.keep('a.txt', 'one');
    const params = { id };
    expectRefusal(
      await lab.server.ask('getArtifact', { params, token: null, headers: accept }),
      401,
      'unauthorized',
    );
    const { address } = await fetchAddress(await lab.download(id, accept));
    expect((await fetch(address.url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(address.url, { method: 'PUT', body: 'two' })).status).toBe(403);
    const other = await fetchAddress(await lab.download(await lab.keep('b.txt', 'two'), accept));
    const { pathname } = new URL(other.address.url);
    expect((await fetch(address.url.replace(new URL(address.url).pathname, pathname))).status).toBe(403);
    expect((await fetch(address.url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=90000'))).status).toBe(403);
  });

  test('of a bundle, also with the token of a lease, has an address', async () => {
    const { params, query } = await sendBundle('packed');
    const token = lab.acme.tokens.read;
    const own = await lab.server.ask('getBundle', { token, params, query, headers: accept });
    expect((await fetchAddress(own)).text).toBe('packed');
    expect(await lab.server.ask('getBundle', { token, params, query })).toMatchObject({ text: 'packed' });
    const { lease } = await lab.acme.lease({ source: { kind: 'bundle', sha256: params.sha256 } });
    const ofLease = { token: lease.token, params: { id: lease.lease_id }, headers: accept };
    expect((await fetchAddress(await lab.server.ask('getLeaseSource', ofLease))).text).toBe('packed');
  });
});

const ofAcme = { org_id: 'acme' };

async function sendBundle(text: string) {
  const params = { sha256: digest(text) };
  const query = ofAcme;
  const token = lab.acme.tokens.submit;
  const ask = (name: 'openBundleUpload' | 'completeBundleUpload', size = text.length) =>
    lab.server.ask(name, { token, params, query, body: { size } });
  const plan = (await ask('openBundleUpload')).json as UploadPlan;
  expect(plan.send).toBe('address');
  expect((await put(plan, text)).status).toBe(200);
  expect((await ask('completeBundleUpload')).status).toBe(200);
  return { params, query, ask };
}

describe('an upload of a bundle to an address', () => {
  test('is there once it is completed, and asked for again it needs no bytes', async () => {
    const { ask } = await sendBundle('bundle');
    expect((await ask('completeBundleUpload')).json).toEqual({ sha256: digest('bundle'), size: 6 });
    expect((await ask('openBundleUpload')).json).toMatchObject({ send: 'nothing', url: null, headers: null });
  });

  test.each([
    ['that never came', undefined, 404, 'not_found'],
    ['of another size', 'forged!', 404, 'not_found'],
    ['of another hash', 'forged', 400, 'invalid'],
  ])('%s is no bundle', async (_, text, status, code) => {
    const params = { sha256: digest(randomUUID()) };
    const call = { token: lab.acme.tokens.submit, params, query: ofAcme, body: { size: 6 } };
    const plan = (await lab.server.ask('openBundleUpload', call)).json as UploadPlan;
    if (text !== undefined)
      await put({ ...plan, headers: { ...plan.headers, 'content-length': `${text.length}` } }, text);
    expectRefusal(await lab.server.ask('completeBundleUpload', call), status, code);
    expectRefusal(await lab.server.ask('getBundle', { ...call, body: undefined }), 404, 'not_found');
  });

  test('that is too large is refused before its bytes', async () => {
    const params = { sha256: '0'.repeat(64) };
    const body = { size: 51 * 1024 * 1024 };
    const token = lab.acme.tokens.submit;
    expectRefusal(
      await lab.server.ask('openBundleUpload', { token, params, query: ofAcme, body }),
      413,
      'too_large',
    );
  });

  test('signs its length: more or fewer bytes are refused', async () => {
    const call = { token: lab.acme.tokens.submit, params: { sha256: digest('length') }, query: ofAcme };
    const plan = (await lab.server.ask('openBundleUpload', { ...call, body: { size: 6 } }))
      .json as UploadPlan;
    const more = { ...plan, headers: { ...plan.headers, 'content-length': '7' } };
    expect((await put(more, 'length!')).status).toBe(403);
    expect((await put(plan, 'length')).status).toBe(200);
  });
});

describe('an upload of a build to an address', () => {
  const token = () => lab.acme.tokens.submit;
  const call = (id: string, text: string) => ({
    ...{ token: token(), params: { id }, query: ofAcme, body: { size: text.length, sha256: digest(text) } },
  });
  const register = (id: string, sha256?: string) =>
    lab.server.ask('registerAppVersion', {
      ...{
        token: token(),
        params: { id },
        query: ofAcme,
        body: { platform: 'android', ...(sha256 && { sha256 }) },
      },
    });

  test('makes it the file of its version, which has an address too', async () => {
    await register('v-direct', digest('build'));
    const input = call('v-direct', 'build');
    const plan = (await lab.server.ask('openAppUpload', input)).json as UploadPlan;
    expectRefusal(await lab.server.ask('completeAppUpload', input), 404, 'not_found');
    expect((await put(plan, 'build')).status).toBe(200);
    expect((await lab.server.ask('completeAppUpload', input)).json).toMatchObject({
      size: 5,
      sha256: digest('build'),
    });
    expect((await lab.server.ask('openAppUpload', input)).json).toMatchObject({ send: 'nothing' });
    const file = { token: token(), params: { id: 'v-direct' }, query: ofAcme, headers: accept };
    expect((await fetchAddress(await lab.server.ask('getAppFile', file))).text).toBe('build');
    const { lease } = await lab.acme.lease({ app_version_id: 'v-direct' });
    const ofLease = { token: lease.token, params: { id: lease.lease_id }, headers: accept };
    expect((await fetchAddress(await lab.server.ask('getLeaseApp', ofLease))).text).toBe('build');
  });

  test('of another build than was announced is a conflict, of an unknown version not found', async () => {
    await register('v-other', digest('one'));
    expectRefusal(await lab.server.ask('openAppUpload', call('v-other', 'two')), 409, 'conflict');
    expectRefusal(await lab.server.ask('completeAppUpload', call('v-other', 'two')), 409, 'conflict');
    expectRefusal(await lab.server.ask('openAppUpload', call('v-none', 'two')), 404, 'not_found');
  });
});

describe('an upload of an artifact to an address', () => {
  type Held = Awaited<ReturnType<ArtifactLab['acme']['running']>>;
  const call = (held: Held, name: string, text: string, more: object = {}) => ({
    token: held.lease.token,
    params: { ...lab.params(held), name },
    body: { attempt: 1, size: text.length, sha256: digest(text), ...more },
  });
  const open = async (held: Held, name: string, text: string): Promise<UploadPlan> => {
    const answer = await lab.server.ask('openArtifactUpload', call(held, name, text));
    expect(answer.status, answer.text).toBe(200);
    return answer.json;
  };
  const complete = (held: Held, name: string, text: string, id: string | null) =>
    lab.server.ask('completeArtifactUpload', call(held, name, text, { artifact_id: id }));

  test('is listed once it is completed, however often that is said', async () => {
    const held = await lab.acme.running();
    const plan = await open(held, 'a/video.webm', 'video');
    expectRefusal(await complete(held, 'a/video.webm', 'video', plan.artifact_id), 404, 'not_found');
    expect(await lab.list(held)).toEqual([]);
    expect((await put(plan, 'video')).status).toBe(200);
    const [one, again] = await Promise.all(
      [1, 2].map(() => complete(held, 'a/video.webm', 'video', plan.artifact_id)),
    );
    expect([one?.json, again?.json]).toEqual([one?.json, one?.json]);
    expect(one?.json).toMatchObject({ artifact_id: plan.artifact_id, name: 'a/video.webm', size: 5 });
    expect((await lab.list(held)).map((each) => each.artifact_id)).toEqual([plan.artifact_id]);
    expect(await open(held, 'a/video.webm', 'video')).toMatchObject({
      send: 'nothing',
      artifact_id: plan.artifact_id,
    });
    expect(await lab.download(plan.artifact_id ?? '')).toMatchObject({ text: 'video' });
  });

  test('lies about its size in vain', async () => {
    const held = await lab.acme.running();
    const plan = await open(held, 'a.bin', 'twelve bytes');
    await put(plan, 'twelve bytes');
    expectRefusal(await complete(held, 'a.bin', 'more than twelve bytes', plan.artifact_id), 400, 'invalid');
    expectRefusal(await complete(held, 'a.bin', 'less', plan.artifact_id), 400, 'invalid');
    expect(await lab.list(held)).toEqual([]);
  });

  test('is not completed under the id of another artifact, of an older plan, or of another job', async () => {
    const held = await lab.acme.running();
    const first = await open(held, 'a.bin', 'first');
    await put(first, 'first');
    await complete(held, 'a.bin', 'first', first.artifact_id);
    expectRefusal(await complete(held, 'b.bin', 'first', first.artifact_id), 400, 'invalid');
    const old = `art_${'0'.repeat(32)}`;
    expectRefusal(await complete(held, 'b.bin', 'first', old), 400, 'invalid');
    const other = await lab.acme.running();
    const plan = await open(held, 'c.bin', 'third');
    await put(plan, 'third');
    expectRefusal(await complete(other, 'c.bin', 'third', plan.artifact_id), 404, 'not_found');
    expect(await lab.download(first.artifact_id ?? '')).toMatchObject({ text: 'first' });
  });

  test('is refused before its bytes where an upload through the server is: name, size, lease', async () => {
    const held = await lab.acme.running();
    const ask = (input: RawInput) => lab.server.ask('openArtifactUpload', input);
    expectRefusal(await ask(call(held, '../a', 'x')), 400, 'invalid');
    const large = { size: 201 * 1024 * 1024 };
    expectRefusal(await ask(call(held, 'a', 'x', large)), 413, 'too_large');
    expectRefusal(await ask(call(held, 'a', 'x', { attempt: 2 })), 404, 'not_found');
    const other = await lab.acme.running();
    expectRefusal(await ask({ ...call(held, 'a', 'x'), token: other.lease.token }), 404, 'not_found');
  });

  test('and one through the server end alike', async () => {
    const held = await lab.acme.running();
    const plan = await open(held, 'a.txt', 'text');
    await put(plan, 'text');
    const { json } = await lab.upload(held, 'a.txt', 'text', { sha256: digest('text') });
    const done = await complete(held, 'a.txt', 'text', plan.artifact_id);
    expect(done.json).toEqual(json);
  });
});

test('logs are kept there too', async () => {
  const held = await lab.acme.running();
  const params = lab.params(held);
  const append = (offset: number, body: string) =>
    lab.server.ask('appendLogs', { token: held.lease.token, params, query: { attempt: 1, offset }, body });
  expect((await append(0, 'one\n')).json).toEqual({ size: 4 });
  expect((await append(4, 'two\n')).json).toEqual({ size: 8 });
  expectRefusal(await append(9, 'x'), 409, 'conflict');
  const read = { token: lab.acme.tokens.read, params: { id: held.job.job_id }, query: { offset: 2 } };
  expect((await lab.server.ask('readLogs', read)).text).toBe('e\ntwo\n');
});

import { createHash, randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { allOf, openBlobLab, stopCeph } from '../../test/support/blob-kinds.ts';
// The tests of all kinds of stores, which run on Ceph here.
import './artifact-store.test.ts';
import './content-store.test.ts';
import './log-store.test.ts';

afterAll(stopCeph);

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const key = { jobId: 'job_1', artifactId: 'art_1' };
const bundle = (sha256: string) => ({ orgId: 'acme', sha256 });

const put = (url: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<number> =>
  fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) }).then(({ status }) => status);

async function openDirect() {
  const { blobs } = await openBlobLab('ceph');
  const { artifacts, bundles, logs } = blobs;
  if (!artifacts.direct || !bundles.direct) throw new Error('no signed addresses');
  return { artifacts, bundles, logs, ofArtifacts: artifacts.direct, ofBundles: bundles.direct };
}

test('an upload to a signed address is taken with its size and hash, and with no others', async () => {
  const { ofBundles } = await openDirect();
  const body = randomBytes(300_000);
  const sha256 = sha256Of(body);
  const address = await ofBundles.upload(bundle(sha256), { size: body.length, sha256 });
  if (!address) throw new Error('no address');
  const other = randomBytes(body.length);
  expect(await put(address.url, address.headers, other)).toBeGreaterThanOrEqual(400);
  const longer = { ...address.headers, 'content-length': '300001' };
  expect(await put(address.url, longer, randomBytes(300_001))).toBe(403);
  const forged = { ...address.headers, 'x-amz-content-sha256': sha256Of(other) };
  expect(await put(address.url, forged, other)).toBe(403);
  await expect(ofBundles.check(bundle(sha256), { size: body.length, sha256 })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await put(address.url, address.headers, body)).toBe(200);
  await ofBundles.check(bundle(sha256), { size: body.length, sha256 });
  await expect(ofBundles.check(bundle(sha256), { size: 1, sha256 })).rejects.toMatchObject({
    code: 'invalid',
  });
});

test('a download from a signed address is an attachment of the type that was signed, and not for other files', async () => {
  const { artifacts, ofArtifacts } = await openDirect();
  async function* chunks() {
    yield Buffer.from('<script>');
  }
  const received = await artifacts.receive(chunks(), { maxBytes: 100, size: undefined, sha256: undefined });
  await received.keep(key);
  const shown = {
    contentType: 'text/plain; charset=utf-8',
    disposition: 'attachment; filename="a b (1).txt"',
  };
  const { url } = await ofArtifacts.download(key, shown);
  const response = await fetch(url);
  expect([response.status, await response.text()]).toEqual([200, '<script>']);
  expect(response.headers.get('content-type')).toBe(shown.contentType);
  expect(response.headers.get('content-disposition')).toBe(shown.disposition);
  expect((await fetch(url.replace('art_1', 'art_2'))).status).toBe(403);
  expect((await fetch(url.replace('text%2Fplain', 'text%2Fhtml'))).status).toBe(403);
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  expect((await fetch(url, { headers: { range: 'bytes=1-6' } })).status).toBe(206);
});

test('more than a page of files is listed, measured and deleted', async () => {
  const { logs } = await openDirect();
  const jobs = Array.from({ length: 1100 }, (_, n) => `job_${n}`);
  for (let at = 0; at < jobs.length; at += 50)
    await Promise.all(jobs.slice(at, at + 50).map((id) => logs.append(id, 1, 0, Buffer.from('12345'))));
  expect(await logs.jobs.size()).toBe(5500);
  expect((await logs.jobs.list(0)).sort()).toEqual([...jobs].sort());
  await Promise.all(
    Array.from({ length: 1005 }, (_, n) => logs.append('job_many', n + 1, 0, Buffer.from('1'))),
  );
  expect(await logs.jobs.remove('job_many')).toBe(1005);
  expect(await logs.jobs.size()).toBe(5500);
});

test('an empty store has nothing to list', async () => {
  const { artifacts, bundles } = await openDirect();
  expect(await allOf(artifacts.listOld(Date.now() + 60_000))).toEqual([[]]);
  expect((await allOf(bundles.listOld(Date.now() + 60_000))).flat()).toEqual([]);
});

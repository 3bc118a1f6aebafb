import { expect, test } from 'vitest';
import { type Answer, foreign, hangUp, serve, silence } from '../../../client/test-support/serve.ts';
import { tempFolder } from '../../../test/support/queue.ts';
import { startS3 } from '../../../test/support/s3.ts';
import { examineServerFolder } from '../../doctor-folder.ts';
import { openBlobs } from '../open-blobs.ts';
import { checkBucket } from './check-bucket.ts';
import { deleteObjects, headObject, listObjects, openObject, putObject, readObject } from './objects.ts';
import { readListing } from './read-listing.ts';
import { S3Client } from './s3-client.ts';
import { s3Direct } from './s3-direct.ts';
import { s3Jobs } from './s3-jobs.ts';

const keys = { accessKeyId: 'id', secretAccessKey: 'secret' };
const busy = foreign(503, '<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>');
const fine = foreign(200, 'text', { 'content-length': '4' });

async function open(...answers: Answer[]) {
  const { url, seen } = await serve(...answers);
  // Who waits for a silent store need not wait for long; all others have the time of a busy machine.
  const own = answers.includes(silence) ? { callMs: 20_000, tryMs: 1000 } : { callMs: 30_000, tryMs: 30_000 };
  const place = { ...keys, endpoint: url, region: undefined, bucket: 'b', prefix: 'p/' };
  return { s3: new S3Client(place, Date.now, own), seen };
}

test('a call is signed, and its address is that of the bucket and the prefix', async () => {
  const { s3, seen } = await open(fine);
  await putObject(s3, 'logs/job_1/1-x', Buffer.from('text'));
  expect(seen).toMatchObject([{ line: 'PUT /b/p/logs/job_1/1-x', body: 'text' }]);
  expect(seen[0]?.headers).toMatchObject({
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/us-east-1\/s3\/aws4_request, /,
    ),
    'x-amz-content-sha256': '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1',
    'content-length': '4',
  });
});

test.each([
  ['busy', busy],
  ['cut', hangUp],
  ['silent', silence],
])('a store that is %s once is asked again', async (_, answer) => {
  const { s3, seen } = await open(answer, fine);
  expect(Buffer.from((await readObject(s3, 'a')) ?? []).toString()).toBe('text');
  expect(seen).toHaveLength(2);
});

test.each([
  ['busy', busy, /answered SlowDown: Reduce your rate: try again$/],
  ['silent', silence, /cannot be reached: no answer in time; try again$/],
  ['another kind of server', foreign(404, '<html>'), /answered status 404: is this an S3 endpoint\?$/],
  ['elsewhere', foreign(301, '<Error><Code>PermanentRedirect</Code></Error>'), /set QGJOB_S3_ENDPOINT and/],
])('a store that stays %s is unavailable, in words', async (_, answer, words) => {
  const { s3 } = await open(answer);
  await expect(putObject(s3, 'a', Buffer.from('x'))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(words),
  });
});

test('a body that is a stream is sent once', async () => {
  const { s3, seen } = await open(busy, fine);
  const body = new Blob(['text']).stream();
  await expect(s3.call('PUT', 'a', { body, headers: { 'content-length': '4' } })).rejects.toThrow('SlowDown');
  expect(seen).toHaveLength(1);
});

test('an object that ends too early, or is longer than it said, is an error in the middle', async () => {
  const short: Answer = (response, request) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('text', () => request.socket.destroy());
  };
  for (const [answer, range] of [
    [short, undefined],
    [fine, { start: 0, end: 2 }],
  ] as const) {
    const opened = await openObject((await open(answer)).s3, 'a', range);
    const read = async () => {
      for await (const _ of opened?.chunks ?? []);
    };
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
  }
});

test('names that are not made of ids and hashes are no objects', async () => {
  const { s3, seen } = await open(fine);
  for (const key of ['../a', 'a/../b', '/a', 'a//b', 'a b', 'a?b', '', 'a/.hidden'])
    await expect(headObject(s3, key)).rejects.toMatchObject({ code: 'not_found' });
  expect(seen).toEqual([]);
});

test('what a store does not delete together is deleted one by one', async () => {
  const { s3, seen } = await open(foreign(501, ''), foreign(204));
  await deleteObjects(s3, ['a', 'b']);
  expect(seen.map(({ line }) => line)).toEqual(['POST /b?delete=', 'DELETE /b/p/a', 'DELETE /b/p/b']);
});

/** A page of a list; all objects are of this moment. */
const page = (keys: readonly string[], more: string, changed = '2026-01-01T00:00:00.000Z'): Answer =>
  foreign(
    200,
    `<ListBucketResult>${more}${keys.map((key) => `<Contents><Key>p/${key}</Key><Size>1</Size><LastModified>${changed}</LastModified></Contents>`).join('')}</ListBucketResult>`,
  );

test('a list of several pages is asked for to its end, by a token or by the last name', async () => {
  const token = '<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b+c=</NextContinuationToken>';
  const cut = '<IsTruncated>true</IsTruncated>';
  const { s3, seen } = await open(page(['logs/a'], token), page(['logs/b'], cut), page(['logs/c'], ''));
  const keys: string[] = [];
  for await (const objects of listObjects(s3, 'logs/')) keys.push(...objects.map(({ key }) => key));
  expect(keys).toEqual(['logs/a', 'logs/b', 'logs/c']);
  const queries = seen.map(({ line }) => new URL(`http://x${line.slice(4)}`).searchParams);
  expect(queries.map((query) => query.get('continuation-token'))).toEqual([null, 'a&b+c=', null]);
  expect(queries.map((query) => query.get('start-after'))).toEqual([null, null, 'p/logs/b']);
  expect(readListing('<ListBucketResult/>')).toEqual({ objects: [], prefixes: [] });
});

test('one new file, also on a later page, keeps all files of a job', async () => {
  const more = '<IsTruncated>true</IsTruncated>';
  const { s3, seen } = await open(
    page(['logs/job_1/a'], more),
    page(['logs/job_1/b'], '', '2026-01-03T00:00:00.000Z'),
  );
  expect(await s3Jobs(s3, 'logs/').remove('job_1', Date.UTC(2026, 0, 2))).toBe(0);
  expect(seen.map(({ line }) => line.slice(0, 3))).toEqual(['GET', 'GET']);
});

const refusal = (status: number, code: string) => foreign(status, `<Error><Code>${code}</Code></Error>`);

test.each([
  ['refuses for their hash', refusal(400, 'BadDigest'), true],
  ['takes', fine, false],
  ['refuses for another reason', refusal(403, 'AccessDenied'), false],
  ['is too busy for', refusal(503, 'SlowDown'), false],
  ['hangs up at', hangUp, false],
])('a store compares hashes when it says so: other bytes that it %s', async (_, answer, comparesHash) => {
  const { s3 } = await open(fine, page([], ''), fine, answer);
  expect(await checkBucket(s3)).toEqual({ takesUploads: true, comparesHash });
});

test('an upload under way is not taken away by another process that opens the same folder', async () => {
  const place = { folder: tempFolder(), s3: (await startS3(tempFolder())).place };
  const options = { limits: { keepFreeBytes: 0 }, now: Date.now };
  const { bundles } = await openBlobs(place, options);
  const received = await bundles.receive(new Blob(['text']).stream(), { size: 4 });
  await openBlobs(place, options);
  await received.keep('acme');
  expect(await bundles.has({ orgId: 'acme', sha256: received.sha256 })).toMatchObject({ size: 4 });
});

test('the doctor leaves nothing in the bucket', async () => {
  const { flags, place } = await startS3(tempFolder());
  const { blob_dir: _, ...s3Flags } = flags;
  const findings = await examineServerFolder({ ...s3Flags, data_dir: tempFolder() });
  expect(JSON.stringify(findings)).toContain(`in the bucket ${place.bucket}`);
  expect((await new S3Client(place, Date.now).list('')).objects).toEqual([]);
});

test('an address is refused by the store once its time is over', async () => {
  const { place } = await startS3(tempFolder());
  const key = (name: string) => name;
  const abilities = { takesUploads: true, comparesHash: false };
  const addressAt = async (now: number) => {
    const s3 = new S3Client(place, () => now);
    await putObject(new S3Client(place, Date.now), 'a', Buffer.from('text'));
    const shown = { contentType: 'text/plain', disposition: 'attachment' };
    return s3Direct(s3, abilities, key)?.download('a', shown);
  };
  const [old, fresh] = [await addressAt(Date.now() - 20 * 60_000), await addressAt(Date.now() - 10 * 60_000)];
  expect((await fetch(old?.url ?? '')).status).toBe(403);
  expect((await fetch(fresh?.url ?? '')).status).toBe(200);
  expect(old?.expiresAt).toBeLessThan(Date.now());
});

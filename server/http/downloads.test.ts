import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArtifactLab, digest, testLimits, until } from '../../test/support/artifact-lab.ts';
import { newDataDir, openServer } from '../../test/support/server.ts';
import { expectRefusal } from '../../test/support/world.ts';

let folder: string;
let lab: ArtifactLab;
let id: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qgjob-downloads-'));
  lab = await ArtifactLab.open(await openServer(newDataDir(folder), { artifactLimits: testLimits }));
  id = await lab.keep('a.webm', '0123456789');
});

afterAll(async () => {
  await lab.server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a range', () => {
  test.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=2-999', 206, '23456789', 'bytes 2-9/10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['nonsense', 200, '0123456789', null],
  ])('%s is answered with %i %s', async (range, status, text, contentRange) => {
    const answer = await lab.download(id, { range });
    expect(answer).toMatchObject({ status, text });
    expect(answer.headers.get('content-range')).toBe(contentRange);
    expect(answer.headers.get('content-length')).toBe(String(text.length));
    expect(answer.headers.get('accept-ranges')).toBe('bytes');
  });

  test.each(['bytes=10-', 'bytes=-0'])('%s has nothing of the file: 416, with its size', async (range) => {
    const answer = await lab.download(id, { range });
    expectRefusal(answer, 416, 'invalid');
    expect(answer.headers.get('content-range')).toBe('bytes */10');
  });

  test('of another file than the caller thinks is not given', async () => {
    const etag = (await lab.download(id)).headers.get('etag') ?? '';
    expect(etag).toBe(`"${digest('0123456789')}"`);
    expect(await lab.download(id, { range: 'bytes=4-', 'if-range': etag })).toMatchObject({ status: 206 });
    expect(await lab.download(id, { range: 'bytes=4-', 'if-range': '"other"' })).toMatchObject({
      status: 200,
      text: '0123456789',
    });
  });

  test('of an empty file is none; the file itself is empty', async () => {
    const empty = await lab.keep('a.txt', '');
    expect(await lab.download(empty)).toMatchObject({ status: 200, text: '' });
    expectRefusal(await lab.download(empty, { range: 'bytes=0-' }), 416, 'invalid');
  });
});

const text = 'text/plain; charset=utf-8';
const octets = 'application/octet-stream';

test.each([
  ['a/home.png', 'image/png', `inline; filename="home.png"; filename*=UTF-8''home.png`],
  ['home.jpg', 'image/jpeg', `inline; filename="home.jpg"; filename*=UTF-8''home.jpg`],
  ['home.webp', 'image/webp', `inline; filename="home.webp"; filename*=UTF-8''home.webp`],
  ['video.mp4', 'video/mp4', `inline; filename="video.mp4"; filename*=UTF-8''video.mp4`],
  ['video.webm', 'video/webm', `inline; filename="video.webm"; filename*=UTF-8''video.webm`],
  ['notes.txt', text, `inline; filename="notes.txt"; filename*=UTF-8''notes.txt`],
  ['device.log', text, `attachment; filename="device.log"; filename*=UTF-8''device.log`],
  ['trace.zip', 'application/zip', `attachment; filename="trace.zip"; filename*=UTF-8''trace.zip`],
  ['index.html', octets, `attachment; filename="index.html"; filename*=UTF-8''index.html`],
  ['logo.svg', octets, `attachment; filename="logo.svg"; filename*=UTF-8''logo.svg`],
  ['junit.xml', octets, `attachment; filename="junit.xml"; filename*=UTF-8''junit.xml`],
  ['run.js', octets, `attachment; filename="run.js"; filename*=UTF-8''run.js`],
  ['a.png.html', octets, `attachment; filename="a.png.html"; filename*=UTF-8''a.png.html`],
  ['"; x=".html', octets, `attachment; filename="__ x__.html"; filename*=UTF-8''%22%3B%20x%3D%22.html`],
  ["Ü'(1).png", 'image/png', `inline; filename="___1_.png"; filename*=UTF-8''%C3%9C%27%281%29.png`],
])('%s is served as %s and %s', async (name, type, disposition) => {
  const { headers } = await lab.download(await lab.keep(name, '<script>alert(1)</script>'));
  expect(headers.get('content-type')).toBe(type);
  expect(headers.get('content-disposition')).toBe(disposition);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  expect(headers.get('cache-control')).toBe('no-store');
});

test('what its uploader called a page is none', async () => {
  const headers = { 'content-type': 'text/html', 'content-disposition': 'inline' };
  const { json } = await lab.upload(await lab.acme.running(), 'a.bin', '<script>alert(1)</script>', {
    headers,
  });
  const answer = await lab.download(json.artifact_id);
  expect(answer.headers.get('content-type')).toBe(octets);
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment;/);
});

test('a request for the headers gets no body', async () => {
  const headers = { authorization: `Bearer ${lab.acme.tokens.read}` };
  const response = await fetch(`${lab.server.url}/v1/artifacts/${id}`, { method: 'HEAD', headers });
  const length = response.headers.get('content-length');
  expect([response.status, length, await response.text()]).toEqual([200, '10', '']);
});

test('an artifact whose bytes are gone is not found', async () => {
  const held = await lab.acme.running();
  const { json } = await lab.upload(held, 'a.txt', 'one');
  rmSync(join(lab.folder, held.job.job_id, json.artifact_id));
  expectRefusal(await lab.download(json.artifact_id), 404, 'not_found');
});

test.skipIf(process.platform !== 'linux')('a reader that hangs up leaves no file open', async () => {
  const large = await lab.keep('video.webm', 'x'.repeat(40_000_000));
  const openFiles = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(lab.folder);
      } catch {
        return false;
      }
    }).length;
  const headers = { authorization: `Bearer ${lab.acme.tokens.read}` };
  const call = get(`${lab.server.url}/v1/artifacts/${large}`, { headers, agent: false });
  await new Promise((resolve) => call.on('response', (response) => response.once('readable', resolve)));
  await until(() => expect(openFiles()).toBe(1));
  call.destroy();
  await until(() => expect(openFiles()).toBe(0));
});

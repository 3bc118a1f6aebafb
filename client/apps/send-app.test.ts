import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createClient } from '../client.ts';
import { fileOf, makeApk } from '../test-support/app-files.ts';
import { error, hangUp, json, serve } from '../test-support/serve.ts';
import { describeApp, versionOfBuild } from './describe-app.ts';
import { prepareApp } from './prepare-app.ts';
import { sendApp } from './send-app.ts';

const known = {
  ...{ org_id: 'acme', app_version_id: 'v1', platform: 'android', url: null },
  ...{ package_name: 'com.example.shop', sha256: '0'.repeat(64), created_at: '2026-01-01T00:00:00.000Z' },
};
const missing = json(200, { ...known, size: null });
const there = json(200, { ...known, size: 9 });

/** A server that knows of no addresses. */
const older = error(404, 'not_found');

async function prepare() {
  const path = fileOf(await makeApk(), 'shop.apk');
  return { path, app: await prepareApp(path) };
}

test('a build is registered with what it says of itself, then uploaded', async () => {
  const { app } = await prepare();
  const { url, seen } = await serve(missing, older, there);
  const said: number[] = [];
  const sent = await sendApp(createClient({ url }), app, {
    ...{ orgId: 'acme', appVersionId: 'v1', url: 'https://example.com/shop.apk' },
    onProgress: (bytes, total) => said.push(bytes / total),
  });
  expect(sent).toMatchObject({ isNew: true, appVersion: { app_version_id: 'v1', size: 9 } });
  expect(seen.map(({ line }) => line)).toEqual([
    'PUT /v1/app-versions/v1?org_id=acme',
    'POST /v1/app-versions/v1/file/upload?org_id=acme',
    'PUT /v1/app-versions/v1/file?org_id=acme',
  ]);
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    ...{ platform: 'android', package_name: 'com.example.shop', url: 'https://example.com/shop.apk' },
    sha256: createHash('sha256')
      .update(await makeBytes(app.blob))
      .digest('hex'),
  });
  expect(seen[2]?.headers['content-length']).toBe(String(app.blob.size));
  expect(said.at(-1)).toBe(1);
});

const makeBytes = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

test('a build that the org has is not sent', async () => {
  const { app } = await prepare();
  const { url, seen } = await serve(there);
  expect(await sendApp(createClient({ url }), app, { appVersionId: 'v1' })).toMatchObject({ isNew: false });
  expect(seen).toHaveLength(1);
});

test('an upload that was cut is begun anew, whatever the rule for calls, but not for ever', async () => {
  const { app } = await prepare();
  const mended = await serve(missing, older, hangUp, hangUp, there);
  const once = { forMs: 0, firstDelayMs: 1 };
  const sent = await sendApp(createClient({ url: mended.url }, once), app, { appVersionId: 'v1' });
  expect(sent.isNew).toBe(true);
  expect(mended.seen).toHaveLength(5);

  const broken = await serve(missing, older, hangUp);
  await expect(
    sendApp(createClient({ url: broken.url }, once), app, { appVersionId: 'v1' }),
  ).rejects.toMatchObject({ code: 'unavailable' });
  expect(broken.seen).toHaveLength(5);
});

test('a file that changes after it was read is one clear error', async () => {
  const { path, app } = await prepare();
  const { url } = await serve(missing, older, there);
  appendFileSync(path, 'more');
  await expect(sendApp(createClient({ url }), app, { appVersionId: 'v1' })).rejects.toMatchObject({
    code: 'invalid',
    message: `${path} changed while it was read; try again`,
  });
});

test('a build is described in one line, and names a version of its own', async () => {
  const { app } = await prepare();
  expect(describeApp(app)).toMatch(/^APK of com\.example\.shop 1\.4\.2 \(42\), 1 KiB$/);
  expect(versionOfBuild('c'.repeat(40), 'a'.repeat(64))).toBe(`${'c'.repeat(40)}-aaaaaaaaaaaa`);
});

test.each([
  ['what is not there', '/no/such.apk', 'there is no such file'],
  ['a folder', '/tmp', 'is not a file'],
])('%s is refused by its name', async (_, path, why) => {
  await expect(prepareApp(path)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(why),
  });
});

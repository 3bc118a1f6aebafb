import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOf, zipOf } from '../test-support/app-files.ts';
import { findManifest } from './find-manifest.ts';
import { readApp } from './read-app.ts';

const framework = '/usr/share/android-framework-res/framework-res.apk';
const hasTools = ['/usr/bin/aapt2', '/usr/bin/apksigner', framework].every((path) => existsSync(path));

// The project's own check never leaves these out.
if (!hasTools && process.env.QGJOB_REQUIRE_ANDROID)
  throw new Error('the Debian packages aapt, apksigner and android-framework-res are missing');

const manifest = `<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="com.example.shop"
    android:versionCode="42" android:versionName="1.4.2">
  <uses-sdk android:minSdkVersion="21"/>
  <application android:label="Shop"/>
</manifest>`;

const shop = { packageName: 'com.example.shop', versionName: '1.4.2', versionCode: '42' };

/** Links the manifest by the tool that builds are made with. Answers the path. */
function link(...more: string[]): string {
  const source = fileOf(manifest, 'AndroidManifest.xml');
  const out = join(dirname(source), 'linked.apk');
  execFileSync('aapt2', ['link', ...more, '-I', framework, '--manifest', source, '-o', out], {
    stdio: 'pipe',
  });
  return out;
}

test.skipIf(!hasTools)('an APK that the tools of Android made and signed is read', async () => {
  const apk = link();
  const folder = dirname(apk);
  const words = ['-genkeypair', '-keyalg', 'RSA', '-keystore', join(folder, 'keys'), '-storepass', 'example'];
  execFileSync('keytool', [...words, '-alias', 'a', '-keypass', 'example', '-dname', 'CN=a'], {
    stdio: 'pipe',
  });
  const sign = [
    'sign',
    '--ks',
    join(folder, 'keys'),
    '--ks-pass',
    'pass:example',
    '--key-pass',
    'pass:example',
  ];
  execFileSync('apksigner', [...sign, apk], { stdio: 'pipe' });
  expect(await readApp(apk)).toEqual({ kind: 'apk', ...shop });
});

test.skipIf(!hasTools)('the manifest of an App Bundle that the tools of Android made is read', async () => {
  const proto = link('--proto-format');
  const bytes = (await findManifest(proto))?.bytes ?? '';
  const aab = join(dirname(proto), 'shop.aab');
  writeFileSync(aab, await zipOf({ 'BundleConfig.pb': '', 'base/manifest/AndroidManifest.xml': bytes }));
  expect(await readApp(aab)).toEqual({ kind: 'aab', ...shop });
});

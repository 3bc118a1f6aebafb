import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { hasAndroidTools, linkManifest, shop, signedApk } from '../test-support/android-tools.ts';
import { fileOf, zipOf } from '../test-support/app-files.ts';
import { findManifest } from './find-manifest.ts';
import { readApp } from './read-app.ts';

const withTools = test.skipIf(!hasAndroidTools());

withTools('an APK that the tools of Android made and signed is read', async () => {
  expect(await readApp(fileOf(signedApk(), 'shop.apk'))).toEqual({ kind: 'apk', ...shop });
});

withTools('the manifest of an App Bundle that the tools of Android made is read', async () => {
  const proto = linkManifest('--proto-format');
  const bytes = (await findManifest(proto))?.bytes ?? '';
  const aab = join(dirname(proto), 'shop.aab');
  writeFileSync(aab, await zipOf({ 'BundleConfig.pb': '', 'base/manifest/AndroidManifest.xml': bytes }));
  expect(await readApp(aab)).toEqual({ kind: 'aab', ...shop });
});

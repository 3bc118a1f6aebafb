import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileOf } from './app-files.ts';

const framework = '/usr/share/android-framework-res/framework-res.apk';

/** True where the tools that builds are made with are installed. With `QGJOB_REQUIRE_ANDROID` they must be. */
export function hasAndroidTools(): boolean {
  const found = ['/usr/bin/aapt2', '/usr/bin/apksigner', framework].every((path) => existsSync(path));
  if (!found && process.env.QGJOB_REQUIRE_ANDROID)
    throw new Error('the Debian packages aapt, apksigner and android-framework-res are missing');
  return found;
}

const manifest = `<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="com.example.shop"
    android:versionCode="42" android:versionName="1.4.2">
  <uses-sdk android:minSdkVersion="21"/>
  <application android:label="Shop">
    <activity android:name=".Main">
      <intent-filter>
        <action android:name="android.intent.action.MAIN"/>
        <category android:name="android.intent.category.LAUNCHER"/>
      </intent-filter>
    </activity>
  </application>
</manifest>`;

/** What `linkManifest` makes. */
export const shop = { packageName: 'com.example.shop', versionName: '1.4.2', versionCode: '42' };

/** Links a manifest to an APK without code, by the tool that builds are made with. Answers its path, in a folder of its own. */
export function linkManifest(...more: string[]): string {
  const source = fileOf(manifest, 'AndroidManifest.xml');
  const out = join(dirname(source), 'linked.apk');
  execFileSync('aapt2', ['link', ...more, '-I', framework, '--manifest', source, '-o', out], {
    stdio: 'pipe',
  });
  return out;
}

/** An APK that a phone would take: linked, and signed with a key of its own. */
export function signedApk(): Buffer {
  const apk = linkManifest();
  const keys = join(dirname(apk), 'keys');
  const run = (program: string, words: string): void =>
    void execFileSync(program, words.split(' '), { stdio: 'pipe' });
  run(
    'keytool',
    `-genkeypair -keyalg RSA -keystore ${keys} -storepass example -alias a -keypass example -dname CN=a`,
  );
  run('apksigner', `sign --ks ${keys} --ks-pass pass:example --key-pass pass:example ${apk}`);
  return readFileSync(apk);
}

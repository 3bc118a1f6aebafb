import { expect, test } from 'vitest';
import {
  androidManifest,
  binaryPlist,
  fileOf,
  infoPlist,
  makeAab,
  makeApk,
  makeIpa,
  zipOf,
} from '../test-support/app-files.ts';
import { readApp } from './read-app.ts';

const shop = { packageName: 'com.example.shop', versionName: '1.4.2', versionCode: '42' };

test.each([
  ['an APK', 'apk', () => makeApk()],
  ['an APK with texts in UTF-8', 'apk', () => makeApk({ isUtf8: true })],
  ['an App Bundle', 'aab', () => makeAab()],
  ['an IPA', 'ipa', () => makeIpa()],
  ['an IPA whose list is binary', 'ipa', () => makeIpa(binaryPlist())],
])('%s says its package and its version', async (_, kind, make) => {
  expect(await readApp(fileOf(await make()))).toEqual({ kind, ...shop });
});

test.each([
  ['an APK', () => makeApk({ isVersionResource: true })],
  ['an App Bundle', () => makeAab({ isVersionResource: true })],
])('a version that %s names by a resource is not known', async (_, make) => {
  expect(await readApp(fileOf(await make()))).toMatchObject({ ...shop, versionName: undefined });
});

test('an app in the app, as for a watch, is not the app', async () => {
  const inner = { 'Payload/Shop.app/Watch/W.app/Info.plist': infoPlist({ packageName: 'of.the.watch' }) };
  const bytes = await zipOf({ ...inner, 'Payload/Shop.app/Info.plist': infoPlist() });
  expect(await readApp(fileOf(bytes))).toMatchObject({ packageName: shop.packageName });
});

const cut = (bytes: Buffer, parts: number): Buffer => bytes.subarray(0, Math.floor(bytes.length * parts));
const manifest = androidManifest();
const plist = binaryPlist();

/** Deep in a list that names one part twice, which names the next one twice. */
function doublingPlist(): Buffer {
  const deep = 60;
  const objects = [
    Buffer.from([0xd1, 1, 2]),
    Buffer.from([0x51, 0x61]),
    ...Array.from({ length: deep }, (_, n) => Buffer.from([0xa2, n + 3, n + 3])),
    Buffer.from([0x51, 0x62]),
  ];
  let at = 8;
  const offsets = objects.map((bytes) => {
    at += bytes.length;
    return at - bytes.length;
  });
  const trailer = Buffer.alloc(32);
  trailer.writeUInt8(2, 6);
  trailer.writeUInt8(1, 7);
  trailer.writeBigUInt64BE(BigInt(objects.length), 8);
  trailer.writeBigUInt64BE(BigInt(at), 24);
  const table = offsets.map((offset) => Buffer.from([offset >> 8, offset & 0xff]));
  return Buffer.concat([Buffer.from('bplist00'), ...objects, ...table, trailer]);
}

const broken: [what: string, make: () => Promise<string | Buffer>, why: RegExp][] = [
  ['a text', async () => 'not an app', /it is no zip file, or its end is missing|invalid|signature/i],
  ['nothing', async () => '', /it is no zip file, or its end is missing|invalid|signature/i],
  ['a download that was cut', async () => cut(await makeApk(), 0.7), /its end is missing|signature/i],
  ['another zip', () => zipOf({ 'index.html': '<html/>' }), /a zip without the manifest of one/],
  [
    'an App Bundle with the manifest of an APK',
    () => zipOf({ 'base/manifest/AndroidManifest.xml': manifest }),
    /its manifest is damaged/,
  ],
  [
    'an APK with a manifest of plain XML',
    () => zipOf({ 'AndroidManifest.xml': '<manifest package="a"/>' }),
    /its manifest is damaged: it is not in the binary form/,
  ],
  [
    'a manifest that unpacks to very much',
    () => zipOf({ 'AndroidManifest.xml': Buffer.alloc(40 * 1024 * 1024) }),
    /its AndroidManifest\.xml has more than 4194304 bytes/,
  ],
  [
    'a package name that is none',
    () => makeApk({ packageName: 'a b\u001b[2J' }),
    /its manifest is damaged: it names no package/,
  ],
  ['a list without a package', () => makeIpa('<plist><dict></dict></plist>'), /it names no package/],
  ['a list that is none', () => makeIpa('<html></html>'), /it is no whole property list/],
  ['a list that doubles without end', () => makeIpa(doublingPlist()), /it names no package/],
  ['a list of open tags', () => makeIpa('<a'.repeat(1_000_000)), /it ends early/],
  ['a list of open comments', () => makeIpa('<!--'.repeat(1_000_000)), /it ends early/],
  ['a list of open elements', () => makeIpa('<plist>'.repeat(500_000)), /it is no whole property list/],
];

test.each(broken)('%s is one clear error', async (_, make, why) => {
  const path = fileOf(await make());
  const error = await readApp(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'invalid', message: expect.stringMatching(why) });
  expect((error as Error).message).toMatch(/^[^\n\r]+ is no whole APK, AAB or IPA: [^\n\r]+$/);
});

test('a file that is not there is named', async () => {
  await expect(readApp('/no/such.apk')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('/no/such.apk'),
  });
});

test.each([
  ['a manifest of Android', manifest, (bytes: Buffer) => zipOf({ 'AndroidManifest.xml': bytes })],
  ['a binary list', plist, (bytes: Buffer) => makeIpa(bytes)],
])(
  '%s that is cut anywhere, or has any wrong byte, is read or is one clear error',
  async (_, whole, pack) => {
    const damaged = [
      ...Array.from({ length: 40 }, (_, n) => cut(whole, n / 40)),
      ...Array.from({ length: 80 }, (_, n) => {
        const bytes = Buffer.from(whole);
        bytes[Math.floor((n * whole.length) / 80)] = 0xff;
        return bytes;
      }),
    ];
    for (const bytes of damaged) {
      const read = await readApp(fileOf(await pack(bytes))).catch((error: unknown) => error);
      if (read instanceof Error) expect(read).toMatchObject({ code: 'invalid' });
      else expect(read).toMatchObject({ packageName: expect.stringMatching(/^[\w.-]+$/) });
    }
  },
);

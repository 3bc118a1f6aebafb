import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { ZipFile } from 'yazl';

/** A zip of these files. */
export function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(files)) zip.addBuffer(Buffer.from(bytes as string), name);
  zip.end();
  return buffer(zip.outputStream as unknown as AsyncIterable<Buffer>);
}

/** A file of these bytes in a folder of its own, removed after the test. Answers its path. */
export function fileOf(bytes: string | Uint8Array, name = 'app.apk'): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** What the manifest of an app says. */
export interface AppWords {
  readonly packageName?: string;
  readonly versionName?: string;
  readonly versionCode?: number;
  /** The build names a resource for its version. */
  readonly isVersionResource?: boolean;
  /** Texts in UTF-8 rather than in UTF-16. */
  readonly isUtf8?: boolean;
}

const defaults = { packageName: 'com.example.shop', versionName: '1.4.2', versionCode: 42 };

const u16 = (...values: number[]): Buffer => Buffer.from(new Uint16Array(values).buffer);
const u32 = (...values: number[]): Buffer => Buffer.from(new Uint32Array(values).buffer);
const none = 0xffff_ffff;

const chunk = (type: number, header: Buffer, body: Buffer): Buffer =>
  Buffer.concat([u16(type, 8 + header.length), u32(8 + header.length + body.length), header, body]);

function stringPool(texts: readonly string[], isUtf8: boolean): Buffer {
  const encoded = texts.map((text) =>
    isUtf8
      ? Buffer.concat([Buffer.from([text.length, Buffer.byteLength(text)]), Buffer.from(`${text}\0`)])
      : Buffer.concat([u16(text.length), Buffer.from(`${text}\0`, 'utf16le')]),
  );
  let at = 0;
  const offsets = encoded.map((bytes) => {
    at += bytes.length;
    return at - bytes.length;
  });
  const header = u32(texts.length, 0, isUtf8 ? 0x100 : 0, 28 + 4 * texts.length, 0);
  return chunk(1, header, Buffer.concat([u32(...offsets), ...encoded]));
}

/** AndroidManifest.xml in the binary form that an APK has. */
export function androidManifest(words: AppWords = {}): Buffer {
  const { packageName, versionName, versionCode } = { ...defaults, ...words };
  const texts = ['versionCode', 'versionName', 'package', 'manifest', versionName, packageName];
  const attribute = (name: number, raw: number, type: number, data: number) =>
    Buffer.concat([u32(none, name, raw), u16(8), Buffer.from([0, type]), u32(data)]);
  const version = words.isVersionResource ? attribute(1, none, 1, 0x7f020000) : attribute(1, 4, 3, 4);
  const attributes = [attribute(0, none, 0x10, versionCode), version, attribute(2, 5, 3, 5)];
  const element = Buffer.concat([u32(none, 3), u16(20, 20, 3, 0, 0, 0), ...attributes]);
  const chunks = [
    stringPool(texts, words.isUtf8 ?? false),
    chunk(0x180, Buffer.alloc(0), u32(0x0101021b, 0x0101021c)),
    chunk(0x102, u32(1, none), element),
  ];
  return chunk(3, Buffer.alloc(0), Buffer.concat(chunks));
}

export const makeApk = (words: AppWords = {}, more: Readonly<Record<string, Uint8Array>> = {}) =>
  zipOf({ 'classes.dex': 'code', 'AndroidManifest.xml': androidManifest(words), ...more });

/** One field of a message: its number, and bytes or a message in it. */
const field = (number: number, bytes: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.byteLength(bytes)]), Buffer.from(bytes as string)]);

export function makeAab(words: AppWords = {}): Promise<Buffer> {
  const { packageName, versionName, versionCode } = { ...defaults, ...words };
  const version = words.isVersionResource ? '@string/version' : versionName;
  const attribute = (name: string, value: string) =>
    field(4, Buffer.concat([field(2, name), field(3, value)]));
  const parts = [
    attribute('versionCode', String(versionCode)),
    attribute('versionName', version),
    attribute('package', packageName),
  ];
  // The number of its line comes before, as a field that is none of those that are read.
  const node = Buffer.concat([Buffer.from([0x18, 0x96, 0x01])]);
  const element = Buffer.concat([field(3, 'manifest'), ...parts]);
  const long = Buffer.concat([
    Buffer.from([0x0a, 0x80 | (element.length & 0x7f), element.length >> 7]),
    element,
  ]);
  return zipOf({ 'BundleConfig.pb': '', 'base/manifest/AndroidManifest.xml': Buffer.concat([node, long]) });
}

export const infoPlist = (words: AppWords = {}): string => {
  const { packageName, versionName, versionCode } = { ...defaults, ...words };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "PropertyList-1.0.dtd">
<plist version="1.0">
<!-- <key>CFBundleIdentifier</key><string>of.a.comment</string> -->
<dict>
  <key>CFBundleIcons</key>
  <dict><key>CFBundleIdentifier</key><string>of.something.else</string></dict>
  <key>CFBundleIdentifier</key>
  <string>${packageName}</string>
  <key>UIFileSharingEnabled</key>
  <true/>
  <key>CFBundleShortVersionString</key>
  <string>${versionName}</string>
  <key>CFBundleVersion</key>
  <string>${versionCode}</string>
</dict>
</plist>
`;
};

/** The same in the binary form: a dictionary of texts. */
export function binaryPlist(words: AppWords = {}): Buffer {
  const { packageName, versionName, versionCode } = { ...defaults, ...words };
  const pairs = {
    CFBundleIdentifier: packageName,
    CFBundleShortVersionString: versionName,
    CFBundleVersion: String(versionCode),
  };
  const texts = [...Object.keys(pairs), ...Object.values(pairs)];
  const objects = [
    Buffer.from([0xd0 | 3, 1, 2, 3, 4, 5, 6]),
    ...texts.map((text) =>
      text.length < 15
        ? Buffer.concat([Buffer.from([0x50 | text.length]), Buffer.from(text)])
        : Buffer.concat([Buffer.from([0x5f, 0x10, text.length]), Buffer.from(text)]),
    ),
  ];
  let at = 8;
  const offsets = objects.map((bytes) => {
    at += bytes.length;
    return at - bytes.length;
  });
  const trailer = Buffer.alloc(32);
  trailer.writeUInt8(1, 6);
  trailer.writeUInt8(1, 7);
  trailer.writeBigUInt64BE(BigInt(objects.length), 8);
  trailer.writeBigUInt64BE(BigInt(at), 24);
  return Buffer.concat([Buffer.from('bplist00'), ...objects, Buffer.from(offsets), trailer]);
}

export const makeIpa = (plist: string | Buffer = infoPlist()): Promise<Buffer> =>
  zipOf({ 'Payload/Shop.app/Shop': 'code', 'Payload/Shop.app/Info.plist': plist });

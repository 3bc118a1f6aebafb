import type { AppFacts } from './app-facts.ts';

// The binary form of AndroidManifest.xml: chunks, each with a type (16 bits), the size of its header (16) and its own size
// (32), in one around all. The first chunk holds all strings, the next one the numbers that names of attributes stand for.
// Their numbers are those of ResourceTypes.h of Android.
const chunkTypes = { strings: 0x0001, xml: 0x0003, startElement: 0x0102, resources: 0x0180 };
const valueTypes = { string: 0x03, decimal: 0x10, hex: 0x11 };
const utf8 = 0x100;
/** In bytes or characters: no text that is looked for is longer. */
const longestText = 1000;

/** The names of attributes may be removed from a build; their numbers stay. */
const attributes: Readonly<Record<number, string>> = { 16843291: 'versionCode', 16843292: 'versionName' };

interface Chunk {
  readonly type: number;
  readonly header: number;
  readonly bytes: Buffer;
}

/** Reads the manifest of an APK. Errors: where it is damaged. */
export function readAndroidXml(manifest: Buffer): AppFacts {
  if (manifest.readUInt16LE(0) !== chunkTypes.xml) throw new Error('it is not in the binary form');
  let strings: (index: number) => string | undefined = () => undefined;
  let numbers: Buffer = Buffer.alloc(0);
  for (const chunk of chunksOf(manifest.subarray(manifest.readUInt16LE(2)))) {
    if (chunk.type === chunkTypes.strings) strings = stringsOf(chunk);
    if (chunk.type === chunkTypes.resources) numbers = chunk.bytes.subarray(chunk.header);
    if (chunk.type !== chunkTypes.startElement) continue;
    const name = strings(chunk.bytes.readInt32LE(chunk.header + 4));
    if (name !== 'manifest') throw new Error(`it begins with <${name}>`);
    return factsOf(attributesOf(chunk, strings, numbers));
  }
  throw new Error('it has no element');
}

const factsOf = (found: ReadonlyMap<string, string>): AppFacts => ({
  packageName: found.get('package'),
  versionName: found.get('versionName'),
  versionCode: found.get('versionCode'),
});

function* chunksOf(bytes: Buffer): Generator<Chunk> {
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    if (size < 8 || at + size > bytes.length) throw new Error('it ends early');
    yield {
      type: bytes.readUInt16LE(at),
      header: bytes.readUInt16LE(at + 2),
      bytes: bytes.subarray(at, at + size),
    };
    at += size;
  }
}

function stringsOf({ header, bytes }: Chunk): (index: number) => string | undefined {
  const count = bytes.readUInt32LE(8);
  const isUtf8 = (bytes.readUInt32LE(16) & utf8) !== 0;
  const start = bytes.readUInt32LE(20);
  return (index) => {
    if (index < 0 || index >= count) return undefined;
    const at = start + bytes.readUInt32LE(header + 4 * index);
    return isUtf8 ? utf8At(bytes, at) : utf16At(bytes, at);
  };
}

/** Before it its length in characters, then that in bytes, each in one byte or two. */
function utf8At(bytes: Buffer, start: number): string {
  const lengthAt = (at: number): readonly [length: number, next: number] => {
    const first = bytes.readUInt8(at);
    return first < 0x80 ? [first, at + 1] : [((first & 0x7f) << 8) | bytes.readUInt8(at + 1), at + 2];
  };
  const [, second] = lengthAt(start);
  const [length, at] = lengthAt(second);
  return bytes.toString('utf8', at, at + Math.min(length, longestText));
}

/** Before it its length, in 16 bits or 32. */
function utf16At(bytes: Buffer, start: number): string {
  const first = bytes.readUInt16LE(start);
  const isLong = first >= 0x8000;
  const length = isLong ? ((first & 0x7fff) << 16) | bytes.readUInt16LE(start + 2) : first;
  const at = start + (isLong ? 4 : 2);
  return bytes.toString('utf16le', at, at + 2 * Math.min(length, longestText));
}

function attributesOf(
  { header, bytes }: Chunk,
  strings: (index: number) => string | undefined,
  numbers: Buffer,
): Map<string, string> {
  const start = header + bytes.readUInt16LE(header + 8);
  const size = bytes.readUInt16LE(header + 10);
  const count = bytes.readUInt16LE(header + 12);
  const found = new Map<string, string>();
  for (let at = start; at < start + size * count; at += size) {
    const index = bytes.readInt32LE(at + 4);
    const number = index >= 0 && 4 * index + 4 <= numbers.length ? numbers.readUInt32LE(4 * index) : 0;
    const name = attributes[number] ?? strings(index);
    const type = bytes.readUInt8(at + 15);
    const data = bytes.readUInt32LE(at + 16);
    const value = shownValue(type, data, strings);
    if (name !== undefined && value !== undefined && !found.has(name)) found.set(name, value);
  }
  return found;
}

/** Undefined for anything else, such as a resource of the app, which would have to be looked up. */
function shownValue(
  type: number,
  data: number,
  strings: (index: number) => string | undefined,
): string | undefined {
  if (type === valueTypes.string) return strings(data);
  return type === valueTypes.decimal || type === valueTypes.hex ? String(data) : undefined;
}

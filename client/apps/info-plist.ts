import type { AppFacts } from './app-facts.ts';

/** Reads the Info.plist of an app for iOS, in its binary form or as XML. Errors: where it is damaged. */
export function readInfoPlist(plist: Buffer): AppFacts {
  const isBinary = plist.toString('latin1', 0, 8) === 'bplist00';
  const found = isBinary ? readBinary(plist) : readXml(plist.toString('utf8'));
  return {
    packageName: found.get(names.packageName),
    versionName: found.get(names.versionName),
    versionCode: found.get(names.versionCode),
  };
}

const names = {
  packageName: 'CFBundleIdentifier',
  versionName: 'CFBundleShortVersionString',
  versionCode: 'CFBundleVersion',
};
const wanted = new Set(Object.values(names));

const types = { ascii: 0x5, utf16: 0x6, dictionary: 0xd };
const trailerBytes = 32;

/**
 * The texts that the outermost dictionary has. What it has besides is not followed: its parts may name each other any number
 * of times, or in a circle.
 */
function readBinary(plist: Buffer): Map<string, string> {
  const trailer = plist.subarray(plist.length - trailerBytes);
  const offsetBytes = trailer.readUInt8(6);
  const refBytes = trailer.readUInt8(7);
  const top = Number(trailer.readBigUInt64BE(16));
  const table = Number(trailer.readBigUInt64BE(24));
  const numberAt = (at: number, bytes: number): number => {
    if (bytes < 1 || bytes > 6) throw new Error(`it has numbers of ${bytes} bytes`);
    return plist.readUIntBE(at, bytes);
  };
  const objectAt = (ref: number) => objectOf(plist, numberAt(table + ref * offsetBytes, offsetBytes));
  const dictionary = objectAt(top);
  if (dictionary.type !== types.dictionary) throw new Error('it is no dictionary');
  const found = new Map<string, string>();
  for (let n = 0; n < dictionary.count; n += 1) {
    const refAt = (place: number): number => numberAt(dictionary.at + place * refBytes, refBytes);
    const key = textOf(plist, objectAt(refAt(n)));
    if (key === undefined || !wanted.has(key)) continue;
    const value = textOf(plist, objectAt(refAt(dictionary.count + n)));
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

interface PlistObject {
  readonly type: number;
  /** Characters, or pairs. */
  readonly count: number;
  /** Where what it holds begins. */
  readonly at: number;
}

function objectOf(plist: Buffer, start: number): PlistObject {
  const marker = plist.readUInt8(start);
  const [type, low] = [marker >> 4, marker & 0xf];
  if (low !== 0xf) return { type, count: low, at: start + 1 };
  // A larger count is a number of its own.
  const bytes = 1 << (plist.readUInt8(start + 1) & 0xf);
  if (bytes > 4) throw new Error('it has a part that is too large');
  return { type, count: plist.readUIntBE(start + 2, bytes), at: start + 2 + bytes };
}

/** Longer texts are none of those that are looked for. */
const longestText = 500;

function textOf(plist: Buffer, { type, count, at }: PlistObject): string | undefined {
  if ((type !== types.ascii && type !== types.utf16) || count > longestText) return undefined;
  const end = at + (type === types.utf16 ? 2 * count : count);
  if (end > plist.length) throw new Error('it ends early');
  if (type === types.ascii) return plist.toString('latin1', at, end);
  return Buffer.from(plist.subarray(at, end)).swap16().toString('utf16le');
}

/** The same of XML. A key and its value are neighbours. */
function readXml(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  let key = '';
  let isPlist = false;
  for (const { tag, after } of tagsOf(text)) {
    const [, slash, name] = /^(\/?)([A-Za-z]+)/.exec(tag) ?? [];
    if (name === undefined) continue;
    isPlist ||= name === 'plist';
    // <plist> and <dict> are around them.
    if (slash === '' && depth === 2) {
      if (name === 'string' && wanted.has(key)) found.set(key, decode(after));
      key = name === 'key' ? decode(after) : '';
    }
    if (!tag.endsWith('/')) depth += slash === '' ? 1 : -1;
  }
  if (!isPlist || depth !== 0) throw new Error('it is no whole property list');
  return found;
}

/** What stands between `<` and `>`, and the text after it; in linear time. */
function* tagsOf(text: string): Generator<{ readonly tag: string; readonly after: string }> {
  for (let start = text.indexOf('<'); start >= 0; ) {
    const end = text.indexOf(text.startsWith('<!--', start) ? '-->' : '>', start + 1);
    if (end < 0) throw new Error('it ends early');
    const next = text.indexOf('<', end);
    const after = text.slice(end + 1, next < 0 ? text.length : next);
    yield { tag: text.slice(start + 1, end), after: after.slice(0, longestText) };
    start = next;
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);

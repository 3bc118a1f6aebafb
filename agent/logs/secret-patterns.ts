import type { Pattern } from './pattern-automaton.ts';
import { isPassedOver, type Sink } from './pattern-reader.ts';
import { shortestSecret } from './secrets.ts';
import { allReaders, Unescaper } from './unescaper.ts';

/** A shorter value is looked for within one line only: `1`, `2`, `3` in a column are not `123…`. */
const shortestOverLines = 12;

/**
 * The patterns of secrets: each value, and each line of a value of several lines; as it is, in UTF-16, in hex, and in
 * base64 of both, where the value may start at any of three places of a group. Escaped characters (URLs, JSON, XML) and
 * what lies between characters are handled by the reader of the stream.
 */
export function secretPatterns(secrets: readonly string[]): Pattern[] {
  const values = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).map((value) => value.trim());
  const long = [...new Set(values)].filter((value) => value.length >= shortestSecret);
  return long
    .flatMap((value) => [...readable(value), ...encoded(value)])
    .filter(({ bytes }) => bytes.length > 0);
}

/** The value as characters. HTML forms write a blank as `+`; JSON escapes a character above 16 bits as two. */
function readable(value: string): Pattern[] {
  const utf8 = Buffer.from(value, 'utf8');
  const form = Buffer.from(value.replaceAll(' ', '+'), 'utf8');
  // A reading resolves the value's own escapes too: one of them does it twice.
  const forms = [utf8, form].flatMap((one) => [one, unescaped(one), unescaped(unescaped(one))]);
  forms.push(unitByUnit(value));
  // ASCII in UTF-16 has zeros between its bytes, which are skipped anyway.
  if (/[^\0-\x7f]/.test(value)) forms.push(...wide(value));
  return forms.map(toPattern).map((bytes) => ({ bytes, oneLine: bytes.length < shortestOverLines }));
}

function encoded(value: string): Pattern[] {
  const utf8 = Buffer.from(value, 'utf8');
  const hex = utf8.toString('hex');
  const texts = [hex, hex.toUpperCase(), ...inBase64(utf8), ...wide(value).flatMap(inBase64)];
  return texts.map((text) => ({ bytes: Buffer.from(text), oneLine: false }));
}

/** UTF-16 in both orders. */
function wide(value: string): Buffer[] {
  const little = Buffer.from(value, 'utf16le');
  return [little, Buffer.from(little).swap16()];
}

function inBase64(bytes: Buffer): string[] {
  const inside = [0, 1, 2].map((before) => {
    // Without the first and last characters, which may depend on what stands beside the value.
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const whole = bytes.toString('base64');
  return [whole, ...inside].flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** Each UTF-16 unit by itself as UTF-8: this is how two `\u` escapes of one character are read. */
const unitByUnit = (value: string): Buffer =>
  Buffer.concat([...value.split('')].map((unit) => unitBytes(unit.charCodeAt(0))));

const unitBytes = (unit: number): Buffer =>
  unit >= 0xd800 && unit <= 0xdfff
    ? Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)])
    : Buffer.from(String.fromCharCode(unit), 'utf8');

/** The value with its own escapes resolved, as the reader of the stream does it. */
function unescaped(value: Uint8Array): Buffer {
  const recorder = new Recorder();
  const unescaper = new Unescaper(recorder, allReaders);
  for (const [at, byte] of value.entries()) unescaper.feed(byte, at, at + 1);
  unescaper.finish();
  return Buffer.from(recorder.bytes);
}

/** The value without the bytes that the reader skips. */
function toPattern(value: Uint8Array): Uint8Array {
  let isIndent = true;
  return value.filter((byte) => {
    const isPassed = isPassedOver(byte, isIndent);
    isIndent = byte === 10 || byte === 13 || (isIndent && isPassed);
    return !isPassed;
  });
}

class Recorder implements Sink {
  readonly bytes: number[] = [];
  readonly isOpen = false;
  readonly isIdle = true;
  readonly heldFrom = Number.POSITIVE_INFINITY;

  feed(byte: number): void {
    this.bytes.push(byte);
  }

  finish(): void {
    // All of it is there.
  }

  reset(): void {
    this.bytes.length = 0;
  }
}

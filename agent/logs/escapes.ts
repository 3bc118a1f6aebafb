import { done, no, nothing, type Reader, rawByte } from './escape-reader.ts';

/** The value of a hexadecimal digit, or -1. */
function hex(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

const char = (text: string): number => text.charCodeAt(0);

const oneDigit = 16;

/** After a `%`: two digits, a byte. */
export const readPercent: Reader = (state, byte) => {
  const digit = hex(byte);
  if (digit < 0) return no;
  return state === 0 ? oneDigit + digit : done(rawByte((state - oneDigit) * 16 + digit));
};

const shortEscapes = new Map([
  [char('n'), 10],
  [char('r'), 13],
  [char('t'), 9],
  [char('b'), 8],
  [char('f'), 12],
  [char('v'), 11],
  [char('e'), 27],
  [char('0'), 0],
]);

const afterU = 1;
const afterX = 2;
// The state of `\u`: the number of digits so far times this, plus their value.
const digits = 2 ** 20;
const braced = 2 ** 29;
const bracedDigits = 2 ** 24;

/** After a `\`, as JSON, JavaScript and shells have it: `\n`, `\"`, `\/`, `\x2f`, `\u002f`, `\u{2f}`. */
export const readBackslash: Reader = (state, byte) => {
  if (state === 0) return firstAfterBackslash(byte);
  const digit = hex(byte);
  if (state >= braced) return readBraced(state - braced, byte, digit);
  if (state === afterU && byte === char('{')) return braced;
  if (digit < 0) return no;
  if (state === afterX) return oneDigit + digit;
  if (state >= oneDigit && state < digits) return done(rawByte((state - oneDigit) * 16 + digit));
  const before = state === afterU ? 0 : state;
  const value = (before % digits) * 16 + digit;
  const count = Math.floor(before / digits) + 1;
  return count === 4 ? done(value) : count * digits + value;
};

function firstAfterBackslash(byte: number): number {
  if (byte === char('u')) return afterU;
  if (byte === char('x')) return afterX;
  const known = shortEscapes.get(byte);
  if (known !== undefined) return done(known);
  const isLetterOrDigit = (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 122);
  const isControl = byte < 32 && byte !== 10 && byte !== 13;
  // Before any other character, a backslash stands for that character.
  return isLetterOrDigit || isControl || byte > 126 ? no : done(byte);
}

function readBraced(state: number, byte: number, digit: number): number {
  const value = state % bracedDigits;
  const count = Math.floor(state / bracedDigits);
  if (byte === char('}')) return count > 0 && value <= 0x10ffff ? done(value) : no;
  return digit < 0 || count === 6 ? no : braced + (count + 1) * bracedDigits + value * 16 + digit;
}

const afterHash = 1;
const afterHashX = 2;
const letters = 64;
const decimal = 2 ** 26;
const hexadecimal = 2 ** 27;

/** Letters as one number, each a digit in base 27. */
const packed = (name: string): number => [...name].reduce((sum, one) => sum * 27 + char(one) - 96, 0);
const mostLetters = packed('zzzz');
const named = new Map([
  [packed('amp'), 38],
  [packed('lt'), 60],
  [packed('gt'), 62],
  [packed('quot'), 34],
  [packed('apos'), 39],
  [packed('nbsp'), 160],
]);

/** After a `&`, as XML and HTML have it: `&amp;`, `&#47;`, `&#x2f;`. */
export const readEntity: Reader = (state, byte) => {
  const isEnd = byte === char(';');
  if (state >= hexadecimal) return readNumber(state - hexadecimal, hexadecimal, 16, hex(byte), isEnd);
  if (state >= decimal) return readNumber(state - decimal, decimal, 10, decimalDigit(byte), isEnd);
  if (state === afterHashX) return hex(byte) < 0 ? no : hexadecimal + hex(byte);
  if (state === afterHash) {
    if ((byte | 32) === char('x')) return afterHashX;
    return decimalDigit(byte) < 0 ? no : decimal + decimalDigit(byte);
  }
  if (state === 0 && byte === char('#')) return afterHash;
  return readName(Math.max(0, state - letters), byte, isEnd);
};

const decimalDigit = (byte: number): number => (byte >= 48 && byte <= 57 ? byte - 48 : -1);

function readNumber(value: number, kind: number, base: number, digit: number, isEnd: boolean): number {
  if (isEnd) return done(value);
  const more = value * base + digit;
  return digit < 0 || more > 0x10ffff ? no : kind + more;
}

function readName(name: number, byte: number, isEnd: boolean): number {
  if (isEnd) {
    const code = named.get(name);
    return code === undefined ? no : done(code);
  }
  const more = name * 27 + byte - 96;
  return byte < 97 || byte > 122 || more > mostLetters ? no : letters + more;
}

/** The bytes in UTF-8. Half of a surrogate pair gives three bytes, so that a pair is found half by half. */
export function utf8Of(code: number): number[] {
  if (code < 0x80) return [code];
  if (code >= nothing) return code === nothing ? [] : [code - rawByte(0)];
  const tail = (shift: number) => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x800) return [0xc0 | (code >> 6), tail(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), tail(6), tail(0)];
  return [0xf0 | (code >> 18), tail(12), tail(6), tail(0)];
}

import { again, done, no, nothing, type Reader } from './escape-reader.ts';

const csi = 1;
const csiEnd = 2;
const string = 3;
const stringEscape = 4;
const short = 5;
const stringC2 = 6;

const bell = 0x07;
const esc = 0x1b;
const c2 = 0xc2;

const isIntermediate = (byte: number): boolean => byte >= 0x20 && byte <= 0x2f;
const beginsString = (byte: number): boolean =>
  byte === 0x90 || byte === 0x98 || (byte >= 0x9d && byte <= 0x9f);

/** The inside of a sequence, byte by byte: the same sequences as `protocol/clean-text.ts` removes. */
function readInside(state: number, byte: number): number {
  if (state === string || state === stringC2) return readString(state, byte);
  if (state === stringEscape) return byte === 0x5c ? done(nothing) : again;
  if (state === csi && byte >= 0x30 && byte <= 0x3f) return csi;
  if (isIntermediate(byte)) return state === short ? short : csiEnd;
  const first = state === short ? 0x30 : 0x40;
  return byte >= first && byte <= 0x7e ? done(nothing) : no;
}

function readString(state: number, byte: number): number {
  if (byte === bell) return done(nothing);
  if (byte === esc) return stringEscape;
  if (byte === c2) return stringC2;
  if (state === string) return string;
  if (byte === 0x9c) return done(nothing);
  return beginsString(byte) ? no : string;
}

/** After an ESC. */
export const readEscape: Reader = (state, byte) => {
  if (state !== 0) return readInside(state, byte);
  if (byte === 0x5b) return csi;
  if (byte === 0x5d || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) return string;
  if (isIntermediate(byte)) return short;
  return byte >= 0x30 && byte <= 0x7e ? done(nothing) : no;
};

/** After 0xC2: the same sequences with 8-bit controls, and other such controls, in UTF-8. */
export const readC2: Reader = (state, byte) => {
  if (state !== 0) return readInside(state, byte);
  if (byte === 0x9b) return csi;
  if (beginsString(byte)) return string;
  if (byte === 0x85) return done(10);
  return byte >= 0x80 && byte <= 0x9f ? done(nothing) : no;
};

const general = 1;
const isolates = 2;

/** After 0xE2: marks that change the direction of text, and line separators. */
export const readE2: Reader = (state, byte) => {
  if (state === 0) return byte === 0x80 ? general : byte === 0x81 ? isolates : no;
  if (state === isolates) return byte >= 0xa6 && byte <= 0xa9 ? done(nothing) : no;
  if (byte === 0xa8 || byte === 0xa9) return done(10);
  return byte === 0x8e || byte === 0x8f || (byte >= 0xaa && byte <= 0xae) ? done(nothing) : no;
};

/** After 0xD8: the Arabic letter mark. */
export const readD8: Reader = (_state, byte) => (byte === 0x9c ? done(nothing) : no);

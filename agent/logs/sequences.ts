import { invisibleRanges } from '../../protocol/invisible.ts';
import { again, done, no, nothing, type Reader } from './escape-reader.ts';
import { utf8Of } from './escapes.ts';

const csi = 1;
const csiEnd = 2;
const string = 3;
const stringEscape = 4;
const short = 5;
const stringC2 = 6;

const bell = 0x07;
const esc = 0x1b;
const c2 = 0xc2;
const softHyphen = 0xad;

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

/** After 0xC2: the same sequences with 8-bit controls, and other such controls, in UTF-8; and the soft hyphen. */
export const readC2: Reader = (state, byte) => {
  if (state !== 0) return readInside(state, byte);
  if (byte === softHyphen) return done(nothing);
  if (byte === 0x9b) return csi;
  if (beginsString(byte)) return string;
  if (byte === 0x85) return done(10);
  return byte >= 0x80 && byte <= 0x9f ? done(nothing) : no;
};

/** After the first byte of a character that is not seen, by that byte; and the line separators, which break a line. */
export const unseenReaders: ReadonlyMap<number, Reader> = readersOf([...invisibleRanges, [0x2028, 0x2029]]);

/** The bytes of characters as a tree: a state is a node, the root of which stands for the first byte. */
function readersOf(ranges: readonly (readonly [first: number, last: number])[]): Map<number, Reader> {
  const nodes: Map<number, number>[] = [];
  const newNode = (): number => nodes.push(new Map()) - 1;
  const roots = new Map<number, number>();
  for (const [first, last] of ranges)
    for (let code = first; code <= last; code += 1) {
      const [lead = 0, ...rest] = utf8Of(code);
      let node = roots.get(lead) ?? newNode();
      roots.set(lead, node);
      for (const byte of rest.slice(0, -1)) {
        const next = nodes[node]?.get(byte) ?? newNode();
        nodes[node]?.set(byte, next);
        node = next;
      }
      nodes[node]?.set(rest.at(-1) ?? 0, done(code === 0x2028 || code === 0x2029 ? 10 : nothing));
    }
  const readerFrom =
    (root: number): Reader =>
    (state, byte) =>
      nodes[state === 0 ? root : state - 1]?.get(byte) ?? no;
  // A state above 0 is a node plus one: 0 is the beginning.
  for (const node of nodes) for (const [byte, next] of node) if (next >= 0) node.set(byte, next + 1);
  return new Map([...roots].map(([lead, root]) => [lead, readerFrom(root)]));
}

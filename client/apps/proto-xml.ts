import type { AppFacts } from './app-facts.ts';

// The manifest of an App Bundle: a message XmlNode of the protocol buffers of aapt2 (Resources.proto). Its fields:
const ofNode = { element: 1 };
const ofElement = { name: 3, attribute: 4 };
const ofAttribute = { name: 2, value: 3 };

/** Wire types: a number, 8 bytes, bytes with their length before them, 4 bytes. */
const wire = { number: 0, eight: 1, bytes: 2, four: 5 };

/** Reads the manifest of an App Bundle. Errors: where it is damaged. */
export function readProtoXml(manifest: Buffer): AppFacts {
  const [element] = fieldsOf(manifest, ofNode.element);
  if (element === undefined) throw new Error('it has no element');
  const name = textOf(element, ofElement.name);
  if (name !== 'manifest') throw new Error(`it begins with <${name}>`);
  const found = new Map(
    [...fieldsOf(element, ofElement.attribute)].map((attribute) => [
      textOf(attribute, ofAttribute.name),
      textOf(attribute, ofAttribute.value),
    ]),
  );
  return {
    packageName: textOrNone(found.get('package')),
    versionName: textOrNone(found.get('versionName')),
    versionCode: textOrNone(found.get('versionCode')),
  };
}

/** A name of a resource would have to be looked up. */
const textOrNone = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || text.startsWith('@') ? undefined : text;

function textOf(message: Buffer, field: number): string | undefined {
  // Of a field that comes several times the last one counts.
  return [...fieldsOf(message, field)].at(-1)?.toString('utf8');
}

/** The values of a field that has bytes: a text, or a message. */
function* fieldsOf(message: Buffer, wanted: number): Generator<Buffer> {
  let at = 0;
  while (at < message.length) {
    const [key, start] = numberAt(message, at);
    const [length, from] = lengthOf(message, key & 7, start);
    if (from + length > message.length) throw new Error('it ends early');
    if (key >>> 3 === wanted && (key & 7) === wire.bytes) yield message.subarray(from, from + length);
    at = from + length;
  }
}

function lengthOf(message: Buffer, type: number, at: number): readonly [length: number, from: number] {
  if (type === wire.number) return [numberAt(message, at)[1] - at, at];
  if (type === wire.eight) return [8, at];
  if (type === wire.four) return [4, at];
  if (type === wire.bytes) return numberAt(message, at);
  throw new Error(`it has a value of the unknown type ${type}`);
}

/** A number of 7 bits in each byte, the lowest first; numbers that are no lengths or keys may have any ten bytes. */
function numberAt(message: Buffer, start: number): readonly [number: number, next: number] {
  let number = 0;
  for (let n = 0; n < 10; n += 1) {
    const byte = message.readUInt8(start + n);
    number += (byte & 0x7f) * 2 ** (7 * n);
    if (byte < 0x80) return [number, start + n + 1];
  }
  throw new Error('it has a number of more than ten bytes');
}

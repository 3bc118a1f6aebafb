import type { FileHandle } from 'node:fs/promises';
import { maxReportBytes } from './open-report.ts';

// What the densest of them costs must not hold up a heartbeat: some 5 ms for 1500 cases.
const partBytes = 16 * 1024;

/** The bytes of a file, in small parts. The event loop goes round between them. One that still grows has an end too. */
export async function* readParts(file: FileHandle): AsyncGenerator<Buffer> {
  for (let read = 0; read <= maxReportBytes; read += partBytes) {
    // A buffer for each part: what was read of the one before may still be looked at.
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(partBytes), 0, partBytes);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
  throw new Error(`it has more than ${maxReportBytes} bytes`);
}

/** XML as text. An encoding that nobody here knows is an error that names it. Bytes that are none in its encoding become U+FFFD: a file with a few of them still says what it says. */
export async function* decodeXml(parts: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const part of parts) {
    decoder ??= decoderFor(part);
    yield decoder.decode(part, { stream: true });
  }
  if (decoder) yield decoder.decode();
}

/** The byte order mark decides, then the zeros of two-byte encodings, then the declaration; else it is UTF-8. */
function decoderFor(start: Uint8Array): TextDecoder {
  const label = encodingOf(start);
  try {
    return new TextDecoder(label);
  } catch {
    throw new Error(`its encoding ${JSON.stringify(label)} is not known`);
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const isLong = bytes.length >= 4;
  if (isLong && a === 0xff && b === 0xfe && c === 0 && d === 0) return 'utf-32le';
  if (isLong && a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32be';
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (isLong && a !== 0 && b === 0) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (isLong && a === 0 && b !== 0) return 'utf-16be';
  return declaredEncoding(Buffer.from(bytes.subarray(0, 1000)).toString('latin1'));
}

/** A declaration that can be read byte by byte says nothing true when it speaks of two bytes or four: .NET writes that. */
function declaredEncoding(start: string): string {
  const [, label = 'utf-8'] = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']/i.exec(start) ?? [];
  return /^(utf|ucs|iso-10646-ucs)[-_]?(16|32|2|4)/i.test(label.trim()) || label.trim() === ''
    ? 'utf-8'
    : label.trim();
}

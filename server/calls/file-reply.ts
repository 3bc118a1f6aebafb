import type { Artifact } from '../../protocol/shapes/artifact.ts';
import { type ByteRange, parseRange } from './ranges.ts';

/** An answer whose bytes are read while they are sent. */
export interface FileReply {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** It has no end that a caller would wait for, and ends by itself with the call's signal. */
  readonly endsItself?: true;
}

// A browser may show these; it saves all other files, and never opens them under this origin.
const shown = /\.(png|jpe?g|webp|mp4|webm|txt)$/i;

/** The whole file, or the part that the header `Range` names. Errors: UnsatisfiableRange. */
export async function replyWithFile(
  artifact: Artifact,
  header: (name: string) => string | undefined,
  read: (range: ByteRange) => Promise<AsyncIterable<Uint8Array>>,
): Promise<FileReply> {
  const etag = `"${artifact.sha256}"`;
  // The caller's first part is of another file, so it gets the whole file. The bytes of an artifact never change.
  const isOther = (header('if-range') ?? etag) !== etag;
  const part = isOther ? undefined : parseRange(header('range'), artifact.size);
  const range = part ?? { start: 0, end: artifact.size };
  return {
    status: part ? 206 : 200,
    headers: {
      'content-type': artifact.content_type,
      'content-length': String(range.end - range.start),
      'content-disposition': disposition(artifact.name),
      // No script, no form, no plug-in, an origin of its own: also where a browser shows a file as a page in spite of
      // its type.
      'content-security-policy':
        "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag,
      ...(part && { 'content-range': `bytes ${range.start}-${range.end - 1}/${artifact.size}` }),
    },
    chunks: await read(range),
  };
}

/** The last part of the name, once in ASCII and once encoded as in RFC 8187. */
function disposition(name: string): string {
  const file = lastPart(name);
  const encoded = encodeURIComponent(file).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `${shown.test(file) ? 'inline' : 'attachment'}; filename="${ascii(file)}"; filename*=UTF-8''${encoded}`;
}

/** For signed addresses: a quote or an asterisk in them is signed in different ways by different stores. */
export const attachment = (name: string): string => `attachment; filename="${ascii(lastPart(name))}"`;

const lastPart = (name: string): string => name.split('/').at(-1) ?? '';
const ascii = (file: string): string => file.replace(/[^\w .-]/g, '_');

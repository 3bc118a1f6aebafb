import { addressType } from '../../protocol/address-type.ts';
import type { FileAddress } from '../../protocol/shapes/upload.ts';
import type { DirectAccess, DownloadHeaders } from '../blobs/direct-access.ts';
import type { FileReply } from '../calls/file-reply.ts';
import { toInstant } from '../queue/store/to-wire.ts';

type Header = (name: string) => string | undefined;

/** Whether the caller takes an address in place of bytes. `*` does not mean it: a browser would show the JSON. */
export const takesAddress = (header: Header): boolean =>
  (header('accept') ?? '')
    .split(',')
    .some((part) => part.split(';')[0]?.trim().toLowerCase() === addressType);

/** A file of a store, and how it is shown where its address is opened. */
export interface AddressedFile<Key> extends DownloadHeaders {
  readonly key: Key;
  readonly size: number;
  readonly sha256: string;
}

/**
 * The answer that names an address; undefined where the store has none, or the caller has not asked for one: then the bytes
 * go through the server.
 */
export async function replyWithAddress<Key>(
  direct: DirectAccess<Key> | undefined,
  header: Header,
  { key, size, sha256, ...shown }: AddressedFile<Key>,
): Promise<FileReply | undefined> {
  if (!direct || !takesAddress(header)) return undefined;
  const { url, expiresAt } = await direct.download(key, shown);
  const address: FileAddress = { url, expires_at: toInstant(expiresAt), size, sha256 };
  const bytes = new TextEncoder().encode(JSON.stringify(address));
  return {
    status: 200,
    headers: { 'content-type': addressType, 'content-length': String(bytes.length), vary: 'accept' },
    chunks: one(bytes),
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

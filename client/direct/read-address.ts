import { addressType } from '../../protocol/address-type.ts';
import type { FileAddress } from '../../protocol/shapes/upload.ts';
import { isObject, parseJson } from '../json.ts';

/** An answer that names an address in place of bytes. */
export const isAddress = ({ status, headers }: Response): boolean =>
  status === 200 && (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() === addressType;

/** More than any answer that is one. */
const mostBytes = 64 * 1024;

/** Undefined where it is none of this file (its hash, hex): then its bytes come through the server. */
export async function readAddress(response: Response, sha256: string): Promise<FileAddress | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  const json = parseJson(Buffer.concat(chunks));
  if (!isObject(json) || typeof json.url !== 'string' || json.sha256 !== sha256) return undefined;
  const isSize = typeof json.size === 'number' && Number.isSafeInteger(json.size) && json.size >= 0;
  return isSize ? (json as unknown as FileAddress) : undefined;
}

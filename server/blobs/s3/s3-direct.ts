import { QgjobError } from '../../../protocol/errors.ts';
import type { DirectAccess } from '../direct-access.ts';
import { hashObject, headObject, safeKey } from './objects.ts';
import type { S3Client } from './s3-client.ts';

/** An address is good for the begin of a call; the bytes may take longer. In s. */
const expiresS = 900;
/** What the store does not compare with its hash is read by the server once it is there: so much, at most. */
const mostRead = 512 * 1024 ** 2;

/** What a store does with uploads to a signed address. */
export interface Abilities {
  /** It takes them at all. */
  readonly takesUploads: boolean;
  /** It refuses bytes whose hash is another one than was signed. */
  readonly comparesHash: boolean;
}

/** The headers of an upload that are signed: a body of another size or hash is refused. */
export const uploadHeaders = (size: number, sha256: string): Record<string, string> => ({
  'content-length': String(size),
  'x-amz-content-sha256': sha256,
  'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
});

/**
 * Files of a bucket at signed addresses; undefined where the store does not take what we sign. `isByContent`: their names are
 * the hashes of their bytes, for whoever has these bytes.
 */
export function s3Direct<Key>(
  s3: S3Client,
  { takesUploads, comparesHash }: Abilities,
  nameOf: (key: Key) => string,
  isByContent = false,
): DirectAccess<Key> | undefined {
  if (!takesUploads) return undefined;
  const expiresAt = () => s3.now() + expiresS * 1000;
  return {
    async download(key, { contentType, disposition }) {
      const query = { 'response-content-type': contentType, 'response-content-disposition': disposition };
      const until = expiresAt();
      return {
        url: await s3.sign(safeKey(nameOf(key)), { method: 'GET', query, expiresS }),
        expiresAt: until,
      };
    },
    async upload(key, { size, sha256 }) {
      if (isByContent && !comparesHash && size > mostRead) return undefined;
      const headers = uploadHeaders(size, sha256);
      const until = expiresAt();
      const url = await s3.sign(safeKey(nameOf(key)), { method: 'PUT', headers, expiresS });
      return { url, method: 'PUT', headers, expiresAt: until };
    },
    async check(key, facts) {
      const found = await headObject(s3, nameOf(key));
      const isRead = isByContent && !comparesHash && found?.size === facts.size && found.sha256 === undefined;
      const there = isRead ? await hashObject(s3, nameOf(key)) : found;
      if (!there)
        throw new QgjobError('not_found', 'the bytes are not in the object store: upload them first');
      const isOther = there.sha256 !== undefined && there.sha256 !== facts.sha256;
      if (there.size === facts.size && !isOther) return;
      const differs = isOther ? 'another sha256' : `${there.size} bytes, not ${facts.size}`;
      throw new QgjobError(
        'invalid',
        `the bytes in the object store are others, with ${differs}; upload them again`,
      );
    },
  };
}

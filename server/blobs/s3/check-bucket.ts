import { createHash } from 'node:crypto';
import { QgjobError } from '../../../protocol/errors.ts';
import { putObject } from './objects.ts';
import type { S3Client } from './s3-client.ts';
import { type Abilities, uploadHeaders } from './s3-direct.ts';
import { readRefusal } from './s3-error.ts';

const text = Buffer.from(
  'Logs, artifacts, bundles and apps of a qgjob server. What its database does not know is deleted.\n',
);

/**
 * Finds out whether the bucket is there and the key may read and write, and what the store does with signed uploads. It writes
 * the object `name`. Errors: `unavailable`, in words that say what to set.
 */
export async function checkBucket(s3: S3Client, name = 'qgjob.txt'): Promise<Abilities> {
  try {
    await putObject(s3, name, text);
    await s3.list(name, { 'max-keys': '1' });
  } catch (error) {
    if (!(error instanceof QgjobError)) throw error;
    const { message, details } = error;
    throw new QgjobError('unavailable', `QGJOB_S3_*: ${message}`, {
      cause: error,
      ...(details && { details }),
    });
  }
  const takesUploads = (await tryUpload(s3, name, text)) === 'taken';
  const comparesHash = takesUploads && (await tryUpload(s3, name, Buffer.from('other'))) === 'mismatch';
  return { takesUploads, comparesHash };
}

/** What stores call bytes that have another hash than was signed. */
const mismatches = [
  'BadDigest',
  'InvalidDigest',
  'SignatureDoesNotMatch',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
];

/**
 * What becomes of these bytes where the hash of `text` is signed. `unknown` (busy, away, another refusal) says nothing of
 * whether hashes are compared.
 */
async function tryUpload(
  s3: S3Client,
  name: string,
  body: Buffer,
): Promise<'taken' | 'mismatch' | 'unknown'> {
  const sha256 = createHash('sha256').update(text).digest('hex');
  const headers = uploadHeaders(body.length, sha256);
  const url = await s3.sign(name, { method: 'PUT', headers, expiresS: 60 });
  try {
    const signal = AbortSignal.timeout(5000);
    const response = await fetch(url, {
      method: 'PUT',
      headers,
      body: new Uint8Array(body),
      redirect: 'manual',
      signal,
    });
    const { status, code } = readRefusal(response.status, await response.text());
    if (response.ok) return 'taken';
    return (status === 400 || status === 403) && mismatches.includes(code) ? 'mismatch' : 'unknown';
  } catch {
    return 'unknown';
  }
}

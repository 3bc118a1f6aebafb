import { createHash } from 'node:crypto';
import { QgjobError } from '../../../protocol/errors.ts';
import { putObject } from './objects.ts';
import type { S3Client } from './s3-client.ts';
import { type Abilities, uploadHeaders } from './s3-direct.ts';

const name = 'qgjob.txt';
const text = Buffer.from(
  'Logs, artifacts, bundles and apps of a qgjob server. What its database does not know is deleted.\n',
);

/**
 * Finds out whether the bucket is there and the key may read and write, and what the store does with signed uploads. Errors:
 * `unavailable`, in words that say what to set.
 */
export async function checkBucket(s3: S3Client): Promise<Abilities> {
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
  const takesUploads = await isTaken(s3, text);
  return { takesUploads, comparesHash: takesUploads && !(await isTaken(s3, Buffer.from('other'))) };
}

/** Whether these bytes are taken where the hash of `text` is signed. */
async function isTaken(s3: S3Client, body: Buffer): Promise<boolean> {
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
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

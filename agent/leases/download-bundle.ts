import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { withRetry } from '../../client/index.ts';
import { Stall } from '../../client/stall.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { LiveLease } from '../loops/lease-book.ts';

/** How long it is begun anew after a failure, and how long no bytes may come, in ms. */
const retryMs = 60_000;
const stallMs = 60_000;

/**
 * Writes the bundle of a lease into a file, as it comes, and returns the sha256 of what came, in hex. Errors: those of the
 * call, of the disk, and the reason of the signal.
 */
export function downloadBundle(
  live: LiveLease,
  sha256: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  return withRetry(() => downloadOnce(live, sha256, path, signal), true, { forMs: retryMs }, signal);
}

async function downloadOnce(
  { id, client }: LiveLease,
  sha256: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const stall = new Stall(stallMs, client.url);
  const input = { params: { id }, sha256, signal: AbortSignal.any([signal, stall.signal]) };
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of await client.open('getLeaseSource', input)) {
      stall.restart();
      bytes += chunk.length;
      if (bytes > limits.bundleBytes)
        throw new QgjobError('unavailable', `${client.url} sent more than a bundle may have`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    stall.clear();
    await file.close();
  }
  return hash.digest('hex');
}

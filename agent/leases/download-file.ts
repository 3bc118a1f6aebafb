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
/** So often a download that was cut in the middle is begun anew, however long it took. */
const mostCuts = 5;

/** What a lease may fetch: the bundle of its source, or its app. */
const mostBytes = { getLeaseSource: limits.bundleBytes, getLeaseApp: limits.appBytes } as const;
type Fetched = keyof typeof mostBytes;

/**
 * Writes a file of a lease to `path`, as it comes, and returns the sha256 of what came, in hex. Errors: those of the
 * call, of the disk, and the reason of the signal.
 */
export function downloadFile(
  live: LiveLease,
  name: Fetched,
  sha256: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  let bytes = 0;
  let cuts = 0;
  const count = (more: number): void => {
    bytes += more;
  };
  const isWaitedOut = (): boolean => {
    const isCut = bytes > 0;
    if (isCut) cuts += 1;
    bytes = 0;
    return isCut && cuts < mostCuts;
  };
  const once = () => downloadOnce(live, name, { sha256, path, count, signal });
  return withRetry(once, true, { forMs: retryMs, isWaitedOut }, signal);
}

interface Wanted {
  readonly sha256: string;
  readonly path: string;
  /** Called with how many more bytes have come. */
  readonly count: (bytes: number) => void;
  readonly signal: AbortSignal;
}

async function downloadOnce(
  { id, client }: LiveLease,
  name: Fetched,
  { sha256, path, count, signal }: Wanted,
): Promise<string> {
  const stall = new Stall(stallMs, client.url);
  const input = { params: { id }, sha256, signal: AbortSignal.any([signal, stall.signal]) };
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o600);
  try {
    let bytes = 0;
    for await (const chunk of await client.open(name, input)) {
      stall.restart();
      bytes += chunk.length;
      if (bytes > mostBytes[name])
        throw new QgjobError('unavailable', `${client.url} sent more than such a file may have`);
      count(chunk.length);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    stall.clear();
    await file.close();
  }
  return hash.digest('hex');
}

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { type Client, withRetry } from '../../client/index.ts';
import { Stall } from '../../client/stall.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { LiveLine } from '../output/live-line.ts';

/** How long it is begun anew after a failure, and how long no bytes may come, in ms. */
const retryMs = 5000;
const stallMs = 60_000;

const mostBytes = { getBundle: limits.bundleBytes, getAppFile: limits.appBytes } as const;

export interface WantedFile {
  readonly call: keyof typeof mostBytes;
  readonly params: Record<string, string>;
  readonly orgId: string;
  /** In hex. */
  readonly sha256: string;
  /** A new file. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Downloads a file. Errors: the server's; `unavailable` for other bytes than those of its hash, or more than it may have. */
export async function loadFile(client: Client, wanted: WantedFile): Promise<void> {
  const line = new LiveLine();
  const tell = (bytes: number): void =>
    line.draw(() => `${formatBytes(bytes)} of ${wanted.call === 'getAppFile' ? 'the app' : 'the bundle'}`);
  try {
    await withRetry(() => loadOnce(client, wanted, tell), true, { forMs: retryMs }, wanted.signal);
  } finally {
    line.clear();
  }
}

async function loadOnce(client: Client, wanted: WantedFile, tell: (bytes: number) => void): Promise<void> {
  const { call, params, orgId, sha256, path, signal } = wanted;
  const stall = new Stall(stallMs, client.url);
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o600);
  let got = 0;
  try {
    const input = {
      params,
      query: { org_id: orgId },
      sha256,
      signal: AbortSignal.any([stall.signal, signal]),
    };
    for await (const chunk of await client.open(call, input)) {
      stall.restart();
      got += chunk.length;
      if (got > mostBytes[call])
        throw new QgjobError('unavailable', `${client.url} sends more than such a file may have`);
      hash.update(chunk);
      await file.writeFile(chunk);
      tell(got);
    }
  } finally {
    stall.clear();
    await file.close();
  }
  if (hash.digest('hex') !== sha256)
    throw new QgjobError(
      'unavailable',
      `${client.url} sent other bytes than those of sha256 ${sha256}; try again`,
    );
}

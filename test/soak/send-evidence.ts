import { randomBytes } from 'node:crypto';
import type { Client } from '../../client/index.ts';
import type { Random } from '../support/random.ts';

interface Place {
  readonly params: { readonly id: string; readonly job_id: string };
  readonly attempt: number;
  readonly signal: AbortSignal;
}

const words = Buffer.from(randomBytes(192 * 1024).toString('base64'));

/** A piece of that text. */
const piece = (random: Random, bytes: number): Buffer => {
  const from = random.between(0, words.length - bytes);
  return words.subarray(from, from + bytes);
};

/** Sends the log of an attempt in pieces, some of them twice, and now and then a file. */
export async function sendEvidence(
  client: Client,
  random: Random,
  { params, attempt, signal }: Place,
): Promise<void> {
  let offset = 0;
  for (let n = random.between(1, 4); n > 0; n -= 1) {
    const body = piece(random, random.next() < 0.01 ? 200_000 : random.between(200, 6000));
    const append = { params, query: { attempt, offset }, body, signal };
    offset = (await client.call('appendLogs', append)).size;
    if (random.next() < 0.04) await client.call('appendLogs', append);
  }
  if (random.next() >= 0.15) return;
  const body = new Blob([new Uint8Array(piece(random, random.between(1000, 60_000)))]);
  await client.call('uploadArtifact', {
    params: { ...params, name: 'screen.png' },
    query: { attempt },
    body,
    signal,
  });
}

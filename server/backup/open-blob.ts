import type { Blobs } from '../blobs/open-blobs.ts';
import type { BlobRef } from './blob-refs.ts';

export interface OpenBlob {
  readonly bytes: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Undefined: it is not there. A file that was opened can be read to its end, also where it is deleted meanwhile. */
export async function openBlob(blobs: Blobs, ref: BlobRef): Promise<OpenBlob | undefined> {
  if (ref.kind === 'logs') {
    const log = await blobs.logs.read(ref.jobId, ref.attempt, 0);
    return log.length === 0 ? undefined : { bytes: log.length, pieces: once(log) };
  }
  try {
    const pieces =
      ref.kind === 'artifacts'
        ? await blobs.artifacts.read({ jobId: ref.jobId, artifactId: ref.id }, 0, ref.bytes)
        : (await blobs[ref.kind].read(ref)).chunks;
    const opened = pieces[Symbol.asyncIterator]();
    const first = await opened.next();
    return { bytes: ref.bytes, pieces: first.done ? none() : startingWith(first.value, opened) };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'not_found' || code === 'ENOENT') return undefined;
    return { bytes: ref.bytes, pieces: none() };
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* startingWith(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    await rest.return?.();
  }
}

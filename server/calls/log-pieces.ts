/** What reads a log: a part of it, from a place in bytes up to, but not including, another one. */
interface Readable {
  readonly pieceBytes?: number;
  read(jobId: string, attempt: number, offset: number, end?: number): Promise<Uint8Array>;
}

interface LogPart {
  readonly jobId: string;
  readonly attempt: number;
  readonly offset: number;
  readonly end: number;
}

/** Whoever takes a log slowly keeps no more than this in memory; and no piece keeps other calls waiting. */
const fewBytes = 32 * 1024;

/**
 * A log from `offset` up to `end`, read piece by piece while it is sent. The first piece is there before anything is
 * answered, so that a store that is away is told by a status.
 */
export async function openLogPieces(logs: Readable, part: LogPart): Promise<AsyncIterable<Uint8Array>> {
  const { pieceBytes = fewBytes } = logs;
  const readAt = (at: number) => logs.read(part.jobId, part.attempt, at, Math.min(part.end, at + pieceBytes));
  const first = await readAt(part.offset);
  return pieces(first, part, readAt);
}

async function* pieces(
  first: Uint8Array,
  { offset, end }: LogPart,
  readAt: (at: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = first;
  for (let at = offset; bytes.length > 0; ) {
    yield bytes;
    at += bytes.length;
    if (at >= end) return;
    // Many readers must not keep other calls waiting.
    await new Promise((resolve) => setImmediate(resolve));
    bytes = await readAt(at);
  }
}

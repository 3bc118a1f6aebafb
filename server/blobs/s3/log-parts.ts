/** A part of a log: an object whose name says which bytes it holds. */
export interface LogPart {
  readonly start: number;
  readonly end: number;
}

/** `000000120-34`: 34 bytes from 120 on. Padded, so that a list has them in their order. */
export const partName = ({ start, end }: LogPart): string =>
  `${String(start).padStart(9, '0')}-${end - start}`;

/** Undefined for a name that is no part's. */
export function parsePart(name: string): LogPart | undefined {
  const [, start, length] = /^(\d{9})-(\d{1,9})$/.exec(name) ?? [];
  if (start === undefined || Number(length) === 0) return undefined;
  return { start: Number(start), end: Number(start) + Number(length) };
}

/** A piece of a read: the bytes from `from` up to `part.end` of this part. */
export interface Piece {
  readonly part: LogPart;
  readonly from: number;
}

/**
 * The fewest parts that hold the bytes from `offset` on without a gap. Parts may overlap: a piece that came twice, or that
 * was joined with others; where they do, they hold the same bytes.
 */
export function cover(parts: Iterable<LogPart>, offset: number): Piece[] {
  const sorted = [...parts].sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  let at = offset;
  for (let next = 0; ; ) {
    let best: LogPart | undefined;
    for (; (sorted[next]?.start ?? Number.POSITIVE_INFINITY) <= at; next += 1) {
      const part = sorted[next];
      if (part && part.end > Math.max(at, best?.end ?? 0)) best = part;
    }
    if (!best) return pieces;
    pieces.push({ part: best, from: at });
    at = best.end;
  }
}

/** Bytes from the first one on without a gap. */
export const sizeOf = (parts: Iterable<LogPart>): number => cover(parts, 0).at(-1)?.part.end ?? 0;

/** A part that has so many bytes stays as it is; below that, so many in a row at the end are joined into one. */
export interface JoinRule {
  readonly smallBytes: number;
  readonly most: number;
}

/** The small parts at the end that are joined now, in their order; none where there are few. */
export function toJoin(parts: Iterable<LogPart>, { smallBytes, most }: JoinRule): LogPart[] {
  const chain = cover(parts, 0).map(({ part }) => part);
  const firstSmall = chain.findLastIndex(({ start, end }) => end - start >= smallBytes) + 1;
  const small = chain.slice(firstSmall);
  return small.length >= most ? small : [];
}

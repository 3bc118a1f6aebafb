import { QgjobError } from '../../protocol/errors.ts';

/** From `start` up to, but not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Answered with status 416 and the size of the file. */
export class UnsatisfiableRange extends QgjobError {
  readonly size: number;

  constructor(size: number) {
    super('invalid', `Range: there is nothing of it, the file has ${size} bytes`, { details: { size } });
    this.size = size;
  }
}

/**
 * The one range that a `Range` header names. Undefined, which means the whole file, without the header and where it
 * is not one range of bytes: other units, several ranges, nonsense. Errors: UnsatisfiableRange.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return satisfiable(Math.max(0, size - Number(last)), size, size);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return satisfiable(Number(first), last === '' ? size : Math.min(size, Number(last) + 1), size);
}

function satisfiable(start: number, end: number, size: number): ByteRange {
  if (start >= size) throw new UnsatisfiableRange(size);
  return { start, end };
}

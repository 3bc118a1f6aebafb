import { QgjobError } from '../../protocol/errors.ts';

/** From `start` up to `end`, which is not part of it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Answered with status 416; the size tells what could be asked for. */
export class UnsatisfiableRange extends QgjobError {
  readonly size: number;

  constructor(size: number) {
    super('invalid', `Range: there is nothing of it, the file has ${size} bytes`, { details: { size } });
    this.size = size;
  }
}

/**
 * The one range that a `Range` header asks for. Undefined, and so the whole file, without the header and for what it may
 * hold but this server does not do: other units, several ranges, nonsense. Errors: UnsatisfiableRange.
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

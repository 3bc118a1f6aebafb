import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * Adds an order, one JSON a line, to the file in which a reporter of ours finds orders. The tests can write there too: a link
 * in its place is not followed, a FIFO not waited for. Where it cannot be written, or nobody reads it any more, the signals
 * come after it.
 */
export function writeOrder(path: string, order: object): void {
  let file: number | undefined;
  try {
    file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
    if (fstatSync(file).isFile()) writeSync(file, `${JSON.stringify(order)}\n`);
  } catch {
    // See above.
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

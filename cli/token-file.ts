import { closeSync, openSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { QgjobError } from '../protocol/errors.ts';

/**
 * The token in a file, without the line's end; `-` is stdin, which is read to its end and closed at once, so that nothing
 * that is started later inherits it. Errors: `invalid`.
 */
export function readTokenFile(path: string): string {
  const token = (path === '-' ? readStdin() : readFile(path)).trim();
  if (token === '') throw new QgjobError('invalid', `--token-file: ${path} is empty`);
  return token;
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new QgjobError('invalid', `--token-file: ${(error as Error).message}`);
  }
}

function readStdin(): string {
  const text = readFileSync(0, 'utf8');
  closeSync(0);
  // The lowest number that is free, so the next file that is opened would become stdin.
  openSync(devNull, 'r');
  return text;
}

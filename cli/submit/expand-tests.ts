import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FoundTests, findTests } from '../../client/test-files/find-tests.ts';
import { splitCommas } from '../options.ts';

/**
 * The sorted test paths of paths and globs, which are separated by commas or given repeatedly. A path that is not on
 * this disk is kept. Errors: `invalid`, as `findTests`.
 */
export function expandTests(given: readonly string[], cwd: string): FoundTests {
  const patterns = given.flatMap((text) => splitNames(text, cwd));
  const label = (pattern: string): string => `--test ${pattern}`;
  const found = findTests({ directory: cwd, patterns, label, keepMissing: true });
  return { ...found, tests: [...found.tests].sort(), missing: [...found.missing].sort() };
}

/** Splits at commas, except those in the name of a file or folder that exists. */
function splitNames(text: string, cwd: string): string[] {
  if (text !== '' && existsSync(resolve(cwd, text))) return [text];
  const names: string[] = [];
  let pieces = splitCommas(text);
  while (pieces.length > 0) {
    const length = lengthOfName(pieces, cwd);
    if (length === 1) names.push(...pieces.splice(0, 1));
    else pieces = [pieces.slice(0, length).join(','), ...pieces.slice(length)];
  }
  return names;
}

// Each try reads the disk, so longer names are not looked for.
const commasInName = 8;

/** How many pieces, from the first one on, belong to one path. */
function lengthOfName(pieces: readonly string[], cwd: string): number {
  let length = Math.min(pieces.length, commasInName + 1);
  while (length > 1 && !isName(pieces.slice(0, length), cwd)) length -= 1;
  return Math.max(1, length);
}

/** Whether the part of the path that holds the commas between these pieces exists as it is written. */
function isName([first = '', ...more]: readonly string[], cwd: string): boolean {
  const text = first.replace(/^!/, '');
  const start = text.lastIndexOf('/') + 1;
  const [end = ''] = more.at(-1)?.split('/', 1) ?? [];
  const inner = [text.slice(start), ...more.slice(0, -1), end];
  if (more.slice(0, -1).some((piece) => piece.includes('/'))) return false;
  return existsSync(resolve(cwd, text.slice(0, start), inner.join(',')));
}

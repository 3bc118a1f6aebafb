import picomatch from 'picomatch';
import { type IsLeftOut, spellings } from './list-files.ts';
import { type Pattern, readPattern } from './read-pattern.ts';

/** What these relative patterns take out: the files that match, and everything below a folder that matches. */
export function readExcludes(directory: string, patterns: readonly string[]): IsLeftOut {
  const tests = patterns.map((pattern) => takesOut(readPattern(directory, pattern)));
  return (path) => tests.some((test) => test(path));
}

function takesOut({ place, rest }: Pattern): IsLeftOut {
  if (rest === '') return (path) => place === '' || path === place || path.startsWith(`${place}/`);
  const start = place === '' ? '' : `${place}/`;
  // A second `!` is a character of a name.
  const matches = picomatch([rest, `${rest}/**`].flatMap(spellings), { dot: true, nonegate: true });
  return (path) => path.startsWith(start) && matches(path.slice(start.length));
}

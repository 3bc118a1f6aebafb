import { lstatSync, readdirSync } from 'node:fs';
import nodePath, { basename, join } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { leadsOut, pathInside } from '../path-inside.ts';
import { readFolders, realPath } from './disk.ts';

/** A pattern in a folder: the part that exists as it is written, and the part to be matched below it. */
export interface Pattern {
  /** Relative to the folder, with `/`; '' is the folder itself. */
  readonly place: string;
  /** A path or a glob below the place; '' where nothing is left to match. */
  readonly rest: string;
}

/** True where the rest can match one name only. */
export const isPlain = ({ rest }: Pattern): boolean => !rest.includes('\\') && !isDynamicPattern(rest);

/** The pattern as one path. */
export const pathOf = ({ place, rest }: Pattern): string => joined(place, rest);

/**
 * A path or a glob, relative to the folder and normalised (no `./`, `a/../`, `//`, no slash at the end). Undefined
 * where it leads out of the folder. `system`: whose paths they are; on Windows a backslash is one between folders.
 */
export function toRelative(
  directory: string,
  text: string,
  system: typeof nodePath = nodePath,
): string | undefined {
  const given = system.isAbsolute(text) ? relativeTo(directory, text, system) : system.normalize(text);
  const path = (system.sep === '/' ? given : given.replaceAll(system.sep, '/')).replace(/\/+$/, '');
  return leadsOut(path, system) ? undefined : path;
}

function relativeTo(directory: string, path: string, system: typeof nodePath): string {
  // The folder may be named by a link, and the path without it.
  return pathInside(directory, path, system) ?? system.relative(realPath(directory) ?? directory, path);
}

/**
 * Reads a relative pattern part by part. A part that exists as it is written means itself, even if it looks like a
 * glob: `app/[id]/*.ts` looks into the folder `[id]` where there is one.
 */
export function readPattern(directory: string, path: string): Pattern {
  const parts = path === '.' ? [] : path.split('/');
  let place = '';
  for (const [index, part] of parts.entries()) {
    const name = nameIn(join(directory, place), part);
    if (name === undefined) return { place, rest: readRest(join(directory, place), parts.slice(index)) };
    place = joined(place, name);
  }
  return { place, rest: '' };
}

const joined = (folder: string, rest: string): string =>
  folder === '' || rest === '' ? folder + rest : `${folder}/${rest}`;

/** The name in the folder: as it is written, else one that only composes its letters differently (é, e + ´). */
function nameIn(folder: string, name: string): string | undefined {
  if (isThere(join(folder, name))) return name;
  const composed = name.normalize('NFC');
  if (composed === name.normalize('NFD')) return undefined;
  return namesIn(folder).find((one) => one.normalize('NFC') === composed);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A parent is no folder, or a name is too long or may not be read.
    return false;
  }
}

// Common in names (`[id]`, `(group)`). A name with a star is a glob that was not quoted.
const mayBeName = /^[^*?]*[[\](){}|!+@][^*?]*$/;

/** The parts from the first one that does not exist. A later part that exists somewhere below means itself too. */
function readRest(folder: string, parts: readonly string[]): string {
  const read: string[] = [];
  for (const part of partsOf(parts.join('/'))) {
    const literal = escapeName(part);
    const isName =
      read.length > 0 && mayBeName.test(part) && isSomewhere(folder, [...read, literal].join('/'));
    read.push(isName ? literal : part);
  }
  return read.join('/');
}

const isSomewhere = (folder: string, pattern: string): boolean =>
  globSync([asInclude(pattern)], {
    cwd: folder,
    onlyFiles: false,
    followSymbolicLinks: false,
    expandDirectories: false,
    fs: readFolders((path) => basename(path) === 'node_modules' && !pattern.includes('node_modules')),
  }).length > 0;

const escapeName = (name: string): string => name.replace(/[\\"'()[\]{}*?|!+@$^]/g, '\\$&');

/** Escapes a `!` at the beginning, which would be an exclude for the glob library, except in an extglob. */
export const asInclude = (pattern: string): string => pattern.replace(/^!(?!\()/, '\\!');

/** Splits at slashes outside of braces and parentheses: `{a/b,c}/d` has two parts. */
function partsOf(pattern: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern.charAt(index);
    if ('{('.includes(char) && closes(pattern, index)) depth += 1;
    if ('})'.includes(char)) depth = Math.max(0, depth - 1);
    if (char === '/' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

const closes = (pattern: string, index: number): boolean =>
  pattern.indexOf(pattern.charAt(index) === '{' ? '}' : ')', index) !== -1;

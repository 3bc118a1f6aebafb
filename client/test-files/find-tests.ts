import { QgjobError } from '../../protocol/errors.ts';
import { Folder } from './folder.ts';
import { type IsLeftOut, listFiles, readExcludes } from './list-files.ts';
import { isPlain, type Pattern, pathOf, readPattern, toRelative } from './read-pattern.ts';

export interface FindTests {
  /** Absolute: the folder that test paths are relative to. */
  readonly directory: string;
  /** Paths and globs. One that begins with `!` excludes, wherever it is in the list. */
  readonly patterns: readonly string[];
  /** The beginning of a message about a pattern: `--test a.spec.ts`. */
  readonly label: (pattern: string) => string;
  /** Keeps a plain path that is not on this disk, instead of refusing it: it may exist where the tests run. */
  readonly keepMissing: boolean;
}

export interface FoundTests {
  /** Relative to the folder, with `/`, in the order of the patterns, each file once. */
  readonly tests: readonly string[];
  /** Those of them that are not on this disk. */
  readonly missing: readonly string[];
  /** Links that globs matched and that lead out of the folder or nowhere; not among the tests. */
  readonly leftOut: readonly string[];
}

/**
 * The test files that patterns name. A name that exists on disk means itself, even if it looks like a glob, in excludes
 * and for folders too. A file is one test, even if links or several patterns name it. Errors: `invalid` for a glob that
 * matches nothing, a path that is no file or leads out of the folder: a run that silently lost a test would be green.
 */
export function findTests({ directory, patterns, label, keepMissing }: FindTests): FoundTests {
  const folder = new Folder(directory);
  const refuse = (pattern: string, what: string): never => {
    throw new QgjobError('invalid', `${label(pattern)}: ${what}`);
  };
  const lines = patterns.map((pattern) => readLine(folder, pattern, refuse));
  const excludes = lines.filter(({ isExclude }) => isExclude).map(({ path }) => path);
  const search: Search = {
    ...{ folder, refuse, keepMissing },
    isLeftOut: readExcludes(directory, excludes),
    hasExcludes: excludes.length > 0,
  };
  const found = lines.filter(({ isExclude }) => !isExclude).map((line) => filesOf(search, line));
  return {
    tests: eachOnce(
      folder,
      found.flatMap(({ files }) => files),
    ),
    missing: [...new Set(found.flatMap(({ missing }) => missing))],
    leftOut: [...new Set(found.flatMap(({ leftOut }) => leftOut))],
  };
}

interface Line {
  readonly pattern: string;
  /** Relative to the folder. */
  readonly path: string;
  readonly isExclude: boolean;
}

interface Search {
  readonly folder: Folder;
  readonly refuse: (pattern: string, what: string) => never;
  readonly keepMissing: boolean;
  readonly isLeftOut: IsLeftOut;
  readonly hasExcludes: boolean;
}

interface Files {
  readonly files: readonly string[];
  readonly missing: readonly string[];
  readonly leftOut: readonly string[];
}

const none: Files = { files: [], missing: [], leftOut: [] };

/** A `!` excludes, unless a name that exists begins with it. */
function readLine({ path: directory }: Folder, pattern: string, refuse: Search['refuse']): Line {
  const asName = toRelative(directory, pattern);
  const isName = asName !== undefined && readPattern(directory, asName).rest === '';
  const isExclude = pattern.startsWith('!') && !isName;
  const path = isExclude ? toRelative(directory, pattern.slice(1).trim()) : asName;
  return { pattern, isExclude, path: path ?? refuse(pattern, `is outside of ${directory}`) };
}

function filesOf(search: Search, line: Line): Files {
  const { folder, refuse, isLeftOut } = search;
  const read = readPattern(folder.path, line.path);
  const found = isPlain(read) ? namedFile(search, line, pathOf(read)) : matchedFiles(search, read);
  const files = found.files.filter((file) => !isLeftOut(file) && !isLeftOut(folder.real(file) ?? file));
  if (files.length > 0) return { ...found, files };
  const taken = search.hasExcludes ? ' that no ! takes out' : '';
  const links = found.leftOut.length > 0 ? ', only links that lead out of it or nowhere' : '';
  return refuse(line.pattern, `matches no file in ${folder.path}${taken}${links}`);
}

/** The file of a plain path. */
function namedFile({ folder, refuse, keepMissing }: Search, { pattern }: Line, path: string): Files {
  const kind = folder.kindOf(path);
  if (kind === 'missing') return keepMissing ? { ...none, files: [path], missing: [path] } : none;
  if (kind === 'broken') return refuse(pattern, 'is a link that leads nowhere');
  if (folder.real(path) === undefined) return refuse(pattern, `is a link that leads out of ${folder.path}`);
  if (kind === 'file') return { ...none, files: [path] };
  if (kind !== 'folder') return refuse(pattern, 'is no file');
  return refuse(pattern, `is a folder; name its tests, like '${path && `${path}/`}**/*.spec.ts'`);
}

function matchedFiles({ folder, isLeftOut }: Search, read: Pattern): Files {
  const found = listFiles(folder.path, read, isLeftOut);
  const isInside = (file: string): boolean => folder.real(file) !== undefined;
  return {
    ...none,
    files: found.filter(isInside),
    leftOut: found.filter((file) => !isInside(file)),
  };
}

/** Each file once: under its own name if that was given, else under the first link to it. */
function eachOnce(folder: Folder, paths: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const path of paths) {
    const real = folder.real(path) ?? path;
    const isOwn = fold(real) === fold(path);
    if (isOwn || !names.has(real)) names.set(real, isOwn ? real : path);
  }
  return [...names.values()];
}

/** The same for names that some disks do not distinguish. */
const fold = (path: string): string => path.normalize('NFC').toLowerCase();

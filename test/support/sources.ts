import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const projectRoot = join(import.meta.dirname, '../..');

/** One source file, as the architecture rules read it. */
export interface SourceFile {
  /** Relative to the project's root, POSIX. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** A path relative to the project's root, or a package's name. */
  readonly target: string;
  readonly isPackage: boolean;
  /** `await import(…)`: loaded only when the call is reached. */
  readonly isLazy: boolean;
  /** Imports types only, which do not exist at run time. */
  readonly isType: boolean;
}

const pattern =
  /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** The sources below these folders, without tests and test support. */
export function readSources(folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !/\.(test|nightly)\.ts$|(^|\/)test-support\//.test(name))
      .map((name) => readSource(join(folder, name))),
  );
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(projectRoot, path), 'utf8');
  return { path, text, imports: [...text.matchAll(pattern)].map((match) => toImport(path, match)) };
}

function toImport(path: string, [, type, from, bare, lazy]: RegExpMatchArray): Import {
  const name = from ?? bare ?? lazy ?? '';
  const flags = { isLazy: lazy !== undefined, isType: type !== undefined };
  if (name.startsWith('.')) {
    const target = relative(projectRoot, join(projectRoot, dirname(path), name));
    return { target, isPackage: false, ...flags };
  }
  const parts = name.split('/');
  const target = name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
  return { target, isPackage: true, ...flags };
}

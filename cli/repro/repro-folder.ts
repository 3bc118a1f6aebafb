import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { QgjobError } from '../../protocol/errors.ts';

/** Says whose folder it is: only one with these words is ever removed. */
const markName = '.qgjob-repro';
const markText = 'Made by `qgjob repro`, which replaces this folder at --force.\n';

export interface NewFolder {
  readonly path: string;
  /** Replace one of an earlier time. */
  readonly force: boolean;
  /** A folder of the person that is in use. */
  readonly own: string | undefined;
}

/**
 * Fills a folder beside its place, and puts it there when it is whole; what was there before comes back where `use` fails.
 * Errors: `conflict` where something is there; with `force` only where that is no folder of this command; those of both.
 */
export async function fillReproFolder<T, U>(
  wanted: NewFolder,
  fill: (part: string) => Promise<T>,
  use: (filled: T) => Promise<U>,
): Promise<U> {
  const { path } = wanted;
  refuseFolder(wanted);
  const [part, old] = ['part', 'old'].map((what) => `${path}.${what}-${randomUUID().slice(0, 8)}`) as [
    string,
    string,
  ];
  try {
    makeFolder(part);
    const filled = await fill(part);
    const hadOne = refuseFolder(wanted);
    if (hadOne) renameSync(path, old);
    try {
      renameSync(part, path);
      return await use(filled);
    } catch (error) {
      remove(path);
      if (hadOne) renameSync(old, path);
      throw error;
    }
  } finally {
    remove(part);
    remove(old);
  }
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });

/** It is ignored by git, so that it comes into no bundle, and takes nothing from a package.json above it. */
function makeFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path);
  for (const [name, text] of [[markName, markText], ...plainFiles] as const)
    writeFileSync(join(path, name), text, { flag: 'wx' });
  for (const name of ['artifacts', 'device']) mkdirSync(join(path, name));
}

const plainFiles = [
  ['.gitignore', '*\n'],
  ['package.json', '{}\n'],
] as const;

/** Whether one is there that may be replaced. */
function refuseFolder({ path, force, own }: NewFolder): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const stays = (what: string): QgjobError =>
    new QgjobError('conflict', `${path} ${what} and stays; --dir names another`);
  const used = [process.cwd(), ...(own === undefined ? [] : [own])];
  if (used.some((folder) => holds(path, folder))) throw stays('holds a folder that is in use');
  if (!force)
    throw new QgjobError('conflict', `${path} is there already; --force replaces it, --dir names another`);
  if (!found.isDirectory() || !isOurs(path)) throw stays('was not made by `qgjob repro`');
  return true;
}

function holds(path: string, folder: string): boolean {
  try {
    return pathInside(realpathSync(path), realpathSync(folder)) !== undefined;
  } catch {
    return false;
  }
}

function isOurs(path: string): boolean {
  const mark = join(path, markName);
  if (!lstatSync(mark, { throwIfNoEntry: false })?.isFile()) return false;
  return readFileSync(mark, 'utf8') === markText;
}

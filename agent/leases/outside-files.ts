import { constants } from 'node:fs';
import { open, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { isGeneratedConfig } from '../frameworks/playwright-config.ts';
import type { OutsideFile } from '../frameworks/preset.ts';

/** In a lease's folder: which files elsewhere its tests need only for the time being, one a line. */
const noteName = 'outside';

const mostNoteBytes = 64 * 1024;

/**
 * Writes what a test needs outside of its lease's folder, for as long as `run` takes. It is noted before: should this
 * process be killed, its next start removes it.
 */
export async function withOutside<T>(
  folder: string,
  files: readonly OutsideFile[],
  run: () => Promise<T>,
): Promise<T> {
  if (files.length === 0) return run();
  const paths = files.map((file) => file.path);
  await noteOutside(folder, paths);
  try {
    // Nothing that is there already is written to, a link neither.
    for (const { path, text } of files) await writeFile(path, text, { flag: 'wx' });
    return await run();
  } finally {
    // A test may have made anything of it: that must not cost its verdict.
    for (const path of paths) await rm(path, { force: true }).catch(() => undefined);
  }
}

export async function noteOutside(folder: string, paths: readonly string[]): Promise<void> {
  const note = join(folder, noteName);
  // A test of the same lease can write here: what it made of the note is replaced, not followed.
  await rm(note, { recursive: true, force: true });
  await writeFile(note, paths.join('\n'), { flag: 'wx', mode: 0o600 });
}

/**
 * Removes the files that a lease's folder notes. The note may be a test's work: only what this agent generates by name,
 * inside of the workspace, is removed.
 */
export async function removeNoted(folder: string, workspace: string): Promise<void> {
  const root = await realpath(workspace).catch(() => undefined);
  if (root === undefined) return;
  for (const path of (await readNote(join(folder, noteName))).split('\n')) {
    if (await isOurs(path, root)) await rm(path, { force: true }).catch(() => undefined);
  }
}

async function isOurs(path: string, root: string): Promise<boolean> {
  if (!isAbsolute(path) || !isGeneratedConfig(basename(path))) return false;
  const real = await realpath(dirname(path)).catch(() => undefined);
  return real !== undefined && pathInside(root, real) !== undefined;
}

/** Empty for what is no plain file of a sensible size: a pipe would be waited for, a link read. */
async function readNote(path: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const found = await file.stat();
    return found.isFile() && found.size <= mostNoteBytes ? await file.readFile('utf8') : '';
  } finally {
    await file.close();
  }
}

import { constants } from 'node:fs';
import { open, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { isGeneratedConfig } from '../frameworks/playwright/generate-config.ts';
import type { OutsideFile } from '../frameworks/request.ts';

/** The note in a lease's folder that lists the files which its tests need elsewhere for a while, one a line. */
const noteName = 'outside';

const mostNoteBytes = 64 * 1024;

/**
 * Writes the files that a test needs outside of its lease's folder, for as long as `run` takes. They are noted before:
 * if this process is killed, its next start removes them.
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
    // A file or a link that is there already is not written to.
    for (const { path, text } of files) await writeFile(path, text, { flag: 'wx' });
    return await run();
  } finally {
    // A test may have put something else there: that must not cost its verdict.
    for (const path of paths) await rm(path, { force: true }).catch(() => undefined);
  }
}

export async function noteOutside(folder: string, paths: readonly string[]): Promise<void> {
  const note = join(folder, noteName);
  // A test of the same lease can write here: a link in place of the note is replaced, not followed.
  await rm(note, { recursive: true, force: true });
  await writeFile(note, paths.join('\n'), { flag: 'wx', mode: 0o600 });
}

/**
 * Removes the files in the note of a lease's folder. A test may have written the note: only files inside the workspace
 * are removed, and only with names as this agent generates them.
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

/** Empty for anything but a plain file of a sensible size: a pipe would never end, a link would be followed. */
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

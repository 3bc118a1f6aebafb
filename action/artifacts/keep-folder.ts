import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../client/make-folder.ts';

/** Says that a folder is ours. Hidden, so that it is not uploaded. */
const marker = '.qgjob';

/**
 * Puts a folder into another one, in the place of what was put there before under the name; where something else has that
 * name, under `qgjob-<name>`. `root`: below it no link is followed. Answers where it is. Errors: those of the disk; that
 * both names are taken, that a link or a file has one.
 */
export async function keepFolder(root: string, from: string, folder: string, name: string): Promise<string> {
  for (const one of [name, `qgjob-${name}`]) {
    const to = join(folder, one);
    makeFolder(root, to);
    const there = await readdir(to);
    if (there.length > 0 && !there.includes(marker)) continue;
    await rm(to, { recursive: true });
    await cp(from, to, { recursive: true });
    await writeFile(join(to, marker), 'Made by qgjob, which replaces this folder.\n');
    return to;
  }
  throw new Error(`${join(folder, name)} has other files in it`);
}

import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { pathInside } from '../../client/path-inside.ts';
import { makeNew } from '../folders.ts';
import type { SpaceFolders } from './isolation.ts';
import type { TestUser } from './test-user.ts';

const run = promisify(execFile);

/** Gives a folder and all that is in it to the user; links are given, not followed. */
export async function giveTo(user: TestUser, folder: string): Promise<void> {
  await run('chown', ['-hR', `${user.uid}:${user.gid}`, '--', folder]);
}

/**
 * Makes the folder of a lease one that the user may walk through but not list, gives it the folder of the device and the
 * test code that lies there, and makes it a home, where the system has none for it, and a folder for temporary files. Answers its variables.
 */
export async function openUserFolders(
  { folder, root, device }: SpaceFolders,
  user: TestUser,
): Promise<Readonly<Record<string, string>>> {
  await chmod(folder, 0o711);
  await giveTo(user, device);
  if (pathInside(folder, root) !== undefined) {
    const [top = ''] = relative(folder, root).split(sep);
    await giveTo(user, join(folder, top));
  }
  const makeOwn = async (prefix: string): Promise<string> => {
    const made = await makeNew(folder, prefix);
    await giveTo(user, made);
    return made;
  };
  return {
    HOME: (await hasHome(user)) ? user.home : await makeOwn('home-'),
    TMPDIR: await makeOwn('tmp-'),
    USER: user.name,
    LOGNAME: user.name,
  };
}

/** Whether the system has a home for the user, which then stays after a lease. */
export async function hasHome({ home, uid }: TestUser): Promise<boolean> {
  return (await stat(home).catch(() => undefined))?.uid === uid;
}

/** The words by which root becomes the user, with its groups and without any right of root. */
export const becomeWords = ({ uid, gid }: TestUser): string[] => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--init-groups',
  '--inh-caps=-all',
  '--ambient-caps=-all',
  '--bounding-set=-all',
];

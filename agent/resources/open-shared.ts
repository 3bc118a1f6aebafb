import { closeSync, constants, fchmodSync, fchownSync, fstatSync, mkdirSync, openSync } from 'node:fs';

const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants;

const forAll = 0o777;
/** Each user removes its own. */
const sticky = 0o1000;

/**
 * Opens a folder that agents of several users share, and makes it where it is not there. One that root opens is root's from
 * then on, and what an agent of root has in it can be removed by no test: those are another user's. A test may have made it.
 * In one that is not root's, agents of several users take over the locks of each other, and so could their tests, which without an
 * isolation are of the same users. In root's each user removes its own alone, and root all. Throws where something else is there.
 */
export function openShared(path: string): void {
  mkdirSync(path, { recursive: true });
  const folder = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const own = process.getuid?.();
    const { uid, mode } = fstatSync(folder);
    if (own === 0 && uid !== 0) fchownSync(folder, 0, 0);
    const wanted = own === 0 ? forAll | sticky : forAll;
    if ((own === 0 || uid === own) && (mode & wanted) !== wanted) fchmodSync(folder, wanted);
  } finally {
    closeSync(folder);
  }
}

import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

const mostHolderBytes = 4096;

interface Holder {
  readonly pid: number;
  /** When the process started, as its system counts it: a later process may have the same pid. */
  readonly started: string;
  readonly id: string;
}

/** A right that this process has, until it ends or `unlock` is called. */
export interface FileLock {
  /** A process had it that was killed before it could give it back. */
  readonly wasLeft: boolean;
  unlock(): void;
}

/**
 * Takes the right that the file at `path` stands for; the file names its holder. The lock of a dead process is taken
 * over. Undefined: another one has it, which may be this process. `onStay` is called where a dead process had it and its file
 * cannot be removed: that of another user in a sticky folder. Then nobody has it, and this user does not get it.
 */
export function tryLockFile(path: string, onStay = (): void => undefined): FileLock | undefined {
  const mine: Holder = { pid: process.pid, started: startOf(process.pid), id: randomUUID() };
  const own = `${path}.${mine.id}`;
  writeFileSync(own, JSON.stringify(mine), { flag: 'wx' });
  let wasLeft = false;
  try {
    if (!tryLink(own, path)) {
      if (!takeOver(path, own, onStay)) return undefined;
      wasLeft = true;
    }
  } finally {
    removeFile(own);
  }
  return {
    wasLeft,
    unlock: () => {
      if (readHolder(path)?.id === mine.id) removeFile(path);
    },
  };
}

/** The living process that has the lock. */
export function lockHolder(path: string): number | undefined {
  const holder = readHolder(path);
  return holder && isThere(holder) ? holder.pid : undefined;
}

/** False where the holder lives, or another process was faster. */
function takeOver(path: string, own: string, onStay: () => void): boolean {
  const holder = readHolder(path);
  if (holder && isThere(holder)) return false;
  const stale = `${own}.stale`;
  try {
    renameSync(path, stale);
  } catch (error) {
    const isMine = tryLink(own, path);
    const isRefused = /^(EPERM|EACCES)$/.test((error as NodeJS.ErrnoException).code ?? '');
    if (!isMine && isRefused && lockHolder(path) === undefined) onStay();
    return isMine;
  }
  try {
    // Another process took it over after it was read: what was moved away is its valid lock, and is put back.
    if (readHolder(stale)?.id !== holder?.id) {
      tryLink(stale, path);
      return false;
    }
    return tryLink(own, path);
  } finally {
    removeFile(stale);
  }
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Others may write where locks lie: what is no plain file of a sensible size names nobody. A link is not followed, a FIFO not
 * waited for.
 */
function readHolder(path: string): Holder | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const found = fstatSync(file);
    if (!found.isFile() || found.size > mostHolderBytes) return undefined;
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder> | null;
    // A pid becomes a part of a path.
    return Number.isSafeInteger(holder?.pid) && Number(holder?.pid) > 0 ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Where it is gone, or a folder that another put there, nothing is left to be done: the right does not depend on it. */
function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // See above.
  }
}

function isThere({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(pid) === started;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); empty where there is no /proc: then the pid alone decides. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

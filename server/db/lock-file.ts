import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { QgjobError } from '../../protocol/errors.ts';

interface Holder {
  pid: number;
  /** When the process started, as its system counts it: a later process may have the same pid. */
  started: string;
}

/** The right to a database file. */
export interface DatabaseLock {
  /** The process that held it before was killed. */
  readonly wasLeft: boolean;
  unlock(): void;
}

/**
 * Makes this process the only server of a database file. The lock is a file beside it that names its holder; the lock of a
 * dead process is taken over. Errors: `unavailable` when another server holds it.
 */
export function lockDatabase(databaseFile: string): DatabaseLock {
  const path = `${databaseFile}.lock`;
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(thisProcess()));
  let wasLeft = false;
  try {
    if (!tryLink(own, path)) {
      takeOver(path, own, databaseFile);
      wasLeft = true;
    }
  } finally {
    rmSync(own, { force: true });
  }
  return {
    wasLeft,
    unlock() {
      if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

function takeOver(path: string, own: string, databaseFile: string): void {
  const holder = readHolder(path);
  if (holder && isAlive(holder)) throw alreadyRuns(databaseFile, holder.pid);
  const stale = `${own}.stale`;
  try {
    renameSync(path, stale);
  } catch {
    throw alreadyRuns(databaseFile, undefined);
  }
  const moved = readHolder(stale);
  if (moved?.pid !== holder?.pid || moved?.started !== holder?.started) {
    // Another start took the lock over after we read it: what we moved away is its valid lock, so we put it back.
    tryLink(stale, path);
    rmSync(stale, { force: true });
    throw alreadyRuns(databaseFile, moved?.pid);
  }
  rmSync(stale, { force: true });
  if (!tryLink(own, path)) throw alreadyRuns(databaseFile, readHolder(path)?.pid);
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

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

const thisProcess = (): Holder => ({ pid: process.pid, started: startOf(process.pid) });

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(holder.pid) === holder.started;
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

function alreadyRuns(databaseFile: string, pid: number | undefined): QgjobError {
  const who = pid === undefined ? 'another server' : `a server with pid ${pid}`;
  return new QgjobError(
    'unavailable',
    `${who} already runs on ${databaseFile}; stop it, or give this one another --data-dir`,
  );
}

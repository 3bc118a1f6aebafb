import { type FileLock, lockHolder, tryLockFile } from '../../host/lock-file.ts';
import { QgjobError } from '../../protocol/errors.ts';

/**
 * Makes this process the only server of a database file, by a file beside it. `wasLeft`: the one before was killed.
 * Errors: `unavailable` when another server holds it.
 */
export function lockDatabase(databaseFile: string): FileLock {
  const path = `${databaseFile}.lock`;
  const lock = tryLockFile(path);
  if (lock) return lock;
  const pid = lockHolder(path);
  const who = pid === undefined ? 'another server' : `a server with pid ${pid}`;
  throw new QgjobError(
    'unavailable',
    `${who} already runs on ${databaseFile}; stop it, or give this one another --data-dir`,
  );
}

import { QgjobError } from '../../protocol/errors.ts';
import { refusedRequest, remoteTrouble } from './remote-trouble.ts';

/** SQLite read a damaged page. */
export const isDamage = (error: unknown): boolean =>
  /^SQLITE_(CORRUPT|NOTADB)/.test(String((error as { code?: unknown } | undefined)?.code));

/** `unavailable`, so that agents and clients keep their data until the operator has restored a backup. */
export const damaged = (cause: unknown): QgjobError =>
  new QgjobError('unavailable', 'the database is damaged: stop the server and restore a backup of it', {
    cause,
  });

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * The error of a failed statement. A local file says SQLITE_CONSTRAINT_UNIQUE, a remote database only SQLITE_CONSTRAINT
 * and names the column in its message. Full, read-only, locked and broken disks and databases that cannot be reached are
 * `unavailable`: the same call may work later. A request that is refused for its size is `too_large`.
 */
export function storeError(error: unknown): QgjobError {
  if (error instanceof QgjobError) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = isText(message) ? message : String(error);
  if (isDamage(error)) return damaged(error);
  // A replica of a libSQL server says PROXY_ERROR, and the constraint in its message alone.
  if (isText(code) && (code.startsWith('SQLITE_CONSTRAINT') || /constraint failed/i.test(text))) {
    return /UNIQUE|PRIMARYKEY/.test(`${code} ${text}`)
      ? new QgjobError('conflict', 'a row with this key exists already', { cause: error })
      : new QgjobError('internal', `the database refused an impossible row: ${text}`, { cause: error });
  }
  if (isText(code) && /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)/.test(code)) {
    return new QgjobError('unavailable', `${reasons[code.split('_')[1] ?? ''] ?? text}; try again`, {
      cause: error,
    });
  }
  if ((isText(code) && /TOOBIG|TOO_LARGE/.test(code)) || /too big/.test(text))
    return new QgjobError('too_large', `the database takes or gives nothing of this size: ${text}`, {
      cause: error,
    });
  const refused = refusedRequest(error);
  if (refused !== undefined) return refusal(refused, text, error);
  const trouble = remoteTrouble(error);
  if (trouble !== undefined) return new QgjobError('unavailable', `${trouble}; try again`, { cause: error });
  return new QgjobError('internal', text, { cause: error });
}

const refusal = (status: 400 | 413, text: string, cause: unknown): QgjobError =>
  status === 413
    ? new QgjobError('too_large', 'the database, or a proxy before it, takes no request of this size (413)', {
        cause,
      })
    : new QgjobError('internal', `the database, or a proxy before it, refused the request (400): ${text}`, {
        cause,
      });

const reasons: Record<string, string> = {
  BUSY: 'another program holds the database',
  LOCKED: 'another program holds the database',
  FULL: 'the disk of the database is full',
  READONLY: 'the database is read-only',
  IOERR: 'the disk of the database does not answer',
  CANTOPEN: 'the database file cannot be opened',
};

import { QgjobError } from '../../protocol/errors.ts';

const diskCodes = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'];

/** The error of a failed write as callers see it: `unavailable` for a full or broken disk, else the error itself. */
export function diskError(error: unknown, what: string): unknown {
  return diskCodes.includes((error as NodeJS.ErrnoException).code ?? '')
    ? new QgjobError('unavailable', `the disk of the ${what} takes nothing more; try again`, { cause: error })
    : error;
}

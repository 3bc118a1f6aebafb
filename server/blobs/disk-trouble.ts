import { QgjobError } from '../../protocol/errors.ts';

const troubles = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'];

/** What a failed write means to a caller: a full or broken disk is `unavailable`, the rest stays what it is. */
export function diskError(error: unknown, what: string): unknown {
  return troubles.includes((error as NodeJS.ErrnoException).code ?? '')
    ? new QgjobError('unavailable', `the disk of the ${what} takes nothing more; try again`, { cause: error })
    : error;
}

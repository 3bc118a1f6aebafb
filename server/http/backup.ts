import { backupType } from '../../protocol/backup.ts';
import type { Handlers } from './handler.ts';

export const backupHandlers: Pick<Handlers, 'getBackup'> = {
  async getBackup({ readBackup }, { query, signal }) {
    const chunks = await readBackup({ withFiles: query.files !== 'false', signal });
    const headers = {
      'content-type': backupType,
      'content-disposition': 'attachment; filename="qgjob-backup.tar"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    };
    return { status: 200, headers, chunks };
  },
};

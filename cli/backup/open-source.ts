import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { backupType } from '../../protocol/backup.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { type ConnectionFlags, environment, findConnection } from '../config.ts';
import { connect } from '../connect.ts';
import { say } from '../output/print.ts';

interface Wanted {
  readonly withFiles: boolean;
  readonly signal: AbortSignal;
}

/**
 * The bytes of a new backup: of the server that the flags name, or of a data folder on which none runs. Errors: those of
 * the connection, `unavailable`.
 */
export async function openSource(flags: ConnectionFlags, wanted: Wanted): Promise<AsyncIterable<Uint8Array>> {
  const { withFiles, signal } = wanted;
  const isOfFolder = namesFolder(flags);
  try {
    const query = withFiles ? {} : { files: 'false' };
    return await connect(flags, 0).open('getBackup', { type: backupType, query, signal });
  } catch (error) {
    const isAway =
      error instanceof QgjobError && error.code === 'unavailable' && error.requestId === undefined;
    if (!isAway || !isOfFolder) throw error;
    const { backUpOffline } = await import('../../server/offline-backup.ts');
    const bytes = await backUpOffline({ data_dir: flags.dataDir }, { withFiles });
    say('no server runs on the folder: the backup is made of it as it is');
    return bytes;
  }
}

/** Whether the server would be found by its folder alone. */
function namesFolder(flags: ConnectionFlags): boolean {
  try {
    return findConnection(flags).urlFrom.endsWith('server.json');
  } catch (error) {
    const folder = flags.dataDir || environment().QGJOB_DATA_DIR || '.qgjob';
    return (error as { code?: unknown }).code === 'unavailable' && existsSync(join(folder, 'qgjob.db'));
  }
}

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { QgjobError } from '../protocol/errors.ts';
import { mintToken } from './auth/token-format.ts';
import { wallClock } from './clock.ts';
import { readSettings, type ServerConfig, type SettingFlags } from './config.ts';
import { databasePlace } from './database-settings.ts';
import type { Store } from './db/store.ts';
import { openDatabase } from './open-database.ts';
import { storeRecoveredToken } from './queue/orgs/index.ts';

export interface RecoveredToken {
  /** The file that holds it now. */
  readonly file: string;
  /** How many operator tokens of before have ended. */
  readonly revoked: number;
}

/**
 * Makes an operator token for whoever holds the database, into the admin.token of the data folder. Errors: `invalid` (no
 * database is there), `unavailable` (a server runs on the file), `conflict` (a remote database is not of this version), those
 * of `openStore`. Where the answer of a remote database is lost, the new token stays in a file that the error names.
 */
export async function recoverToken(
  flags: SettingFlags,
  { revokeOthers }: { readonly revokeOthers: boolean },
): Promise<RecoveredToken> {
  const config = readSettings(flags);
  const store = await openExisting(config);
  try {
    const minted = mintToken('op');
    const file = join(config.data_dir, 'admin.token');
    const fresh = await writeFresh(file, minted.token);
    try {
      const revoked = await storeRecoveredToken({ sql: store.sql, now: wallClock }, minted, revokeOthers);
      // Only now: until here the token of before is the one that works.
      await rename(fresh, file);
      return { file, revoked };
    } catch (error) {
      if (!isPerhapsStored(store, error)) throw await rm(fresh, { force: true }).then(() => error);
      // It may be the only token that works now.
      const words = `${(error as Error).message}. Nobody knows whether the new token was stored: it is kept in ${fresh}. If it works, move it to ${file}; else delete it and run this again`;
      throw new QgjobError('unavailable', words, { cause: error });
    }
  } finally {
    await store.close();
  }
}

const isPerhapsStored = ({ sql }: Store, error: unknown): boolean =>
  sql.isRemote && (error as { code?: unknown }).code === 'unavailable';

async function openExisting(config: ServerConfig): Promise<Store> {
  const place = databasePlace(config);
  if (typeof place === 'string' && !existsSync(resolve(place)))
    throw new QgjobError('invalid', `there is no database ${resolve(place)}: give the server's --data-dir`);
  try {
    return await openDatabase(config, { migrates: false });
  } catch (error) {
    if (!/ already runs on /.test((error as Error).message)) throw error;
    const words = (error as Error).message.replace(/;.*$/, '; stop it, run this again, and start it');
    throw new QgjobError('unavailable', words, { cause: error });
  }
}

/** On the disk before the token counts: one that nobody knows would help nobody. */
async function writeFresh(file: string, token: string): Promise<string> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${randomUUID()}`;
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return fresh;
}

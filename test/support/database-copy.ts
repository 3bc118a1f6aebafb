import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@libsql/client';
import { inject } from 'vitest';
import { localConnection } from '../../server/db/local-commit.ts';
import { readTogether } from '../../server/db/read-together.ts';
import { createRemoteClient } from '../../server/db/remote-client.ts';
import { remoteConnection } from '../../server/db/remote-commit.ts';
import type { Connection } from '../../server/db/write-queue.ts';
import { startSqld } from './sqld.ts';

/** A database that tests copy and open as they like: a file, or a libSQL server of its own. */
export interface DatabaseCopy {
  /** A client of it; the caller closes it. */
  client(): Client;
  /** A connection for a write queue on such a client, whose calls may have been replaced before. */
  connect(client: Client): Connection;
  /** Another one with the same rows. Nothing may be writing. */
  copy(): Promise<DatabaseCopy>;
  close(): Promise<void>;
}

/** A copy of the migrated template. */
export const newDatabase = (): Promise<DatabaseCopy> =>
  inject('database') === 'sqld'
    ? startCopy(inject('sqldTemplate'))
    : Promise.resolve(copyFile(inject('templateDatabase')));

function copyFile(from: string): DatabaseCopy {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-copy-'));
  const file = join(folder, 'qgjob.db');
  copyFileSync(from, file);
  return {
    client: () => createClient({ url: `file:${file}`, concurrency: 1, timeout: 2500 }),
    connect: localConnection,
    async copy() {
      const client = createClient({ url: `file:${file}` });
      // All rows must be in the one file that is copied.
      await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
      client.close();
      return copyFile(file);
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function startCopy(template: string): Promise<DatabaseCopy> {
  const sqld = await startSqld(template);
  return {
    client: () => createRemoteClient({ url: sqld.url }),
    connect(client) {
      readTogether(client);
      return remoteConnection(client);
    },
    copy: () => startCopy(sqld.folder),
    close: sqld.close,
  };
}

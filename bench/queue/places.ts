import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startSqld } from '../../test/support/sqld.ts';
import { endWithParent } from './end-with-parent.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Where our side runs: its servers, and where they keep their rows. */
export interface Place {
  /** An address for each server. */
  readonly urls: readonly string[];
  readonly adminToken: string;
  readonly durability: string;
  stop(): Promise<void>;
}

/** One server on a file. */
export async function startOnFile(dir: string): Promise<Place> {
  const server = await startServerProcess(dir);
  return {
    urls: [server.url],
    adminToken: server.adminToken,
    durability: 'SQLite WAL, synchronous=FULL: on disk before each answer',
    stop: () => server.stop(),
  };
}

/** Some servers on one libSQL server, with a folder of blobs that they share. */
export async function startOnSqld(dir: string, count: number): Promise<Place> {
  const sqld = await startSqld();
  const release = endWithParent(sqld.pid);
  const env = { QGJOB_DATABASE_URL: sqld.url, QGJOB_BLOB_DIR: join(dir, 'blobs') };
  const servers: ServerProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await sqld.close();
    release();
  };
  try {
    // One after the other: the first one makes the tables and the operator's token.
    for (let n = 0; n < count; n += 1) {
      const data = join(dir, `server-${n}`);
      mkdirSync(data);
      servers.push(await startServerProcess(data, { env }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    urls: servers.map((server) => server.url),
    adminToken: servers[0]?.adminToken ?? '',
    durability:
      'sqld, synchronous=NORMAL as it sets itself: a power cut of its machine may take the last commits back',
    stop,
  };
}

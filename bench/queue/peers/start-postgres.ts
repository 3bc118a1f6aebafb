import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from './find-program.ts';
import {
  findFreePort,
  makeDataDir,
  type OwnServer,
  runProgram,
  startProgram,
  type User,
} from './own-server.ts';

/** Debian keeps each major version's programs in a folder of its own, out of the PATH. */
const versionsDir = '/usr/lib/postgresql';

/**
 * The first two are its defaults, written out because the figures depend on them. The others are what its manual
 * advises for a dedicated machine; they also avoid a checkpoint in the middle of a phase.
 */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
};

/**
 * Starts a PostgreSQL on the loopback address, with its data in a new folder under `parent`. It refuses to run as root,
 * so root starts it as the user `postgres`. Throws like findProgram and startProgram, and if initdb fails.
 */
export async function startPostgres(parent = tmpdir()): Promise<OwnServer> {
  const command = findProgram('postgres', 'postgresql', listVersions);
  const user = process.getuid?.() === 0 ? readUser('postgres') : undefined;
  const dir = makeDataDir(parent, 'postgres', user);
  const port = await findFreePort();
  const initdb = join(dirname(command), 'initdb');
  runProgram(initdb, ['-D', dir, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C'], user);
  const started = await startProgram(
    { command, args: serverArgs(dir, port), user, endSignal: 'SIGINT' },
    dir,
  );
  return {
    url: `postgres://bench@127.0.0.1:${port}/postgres`,
    version: readVersion(command),
    settings: Object.entries(settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    ...started,
  };
}

function serverArgs(dir: string, port: number): string[] {
  const all = Object.entries({ ...settings, listen_addresses: '127.0.0.1', unix_socket_directories: dir });
  return ['-D', dir, '-p', String(port), ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** The folders of the installed versions, newest first. */
function listVersions(): string[] {
  if (!existsSync(versionsDir)) return [];
  const versions = readdirSync(versionsDir).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(versionsDir, version, 'bin'));
}

const readUser = (name: string): User => ({
  uid: Number(runProgram('id', ['-u', name])),
  gid: Number(runProgram('id', ['-g', name])),
});

/** "postgres (PostgreSQL) 15.18 (Debian …)" */
const readVersion = (command: string): string =>
  /\) (\S+)/.exec(runProgram(command, ['--version']))?.[1] ?? 'of an unknown version';

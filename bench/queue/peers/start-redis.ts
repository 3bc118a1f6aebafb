import { tmpdir } from 'node:os';
import { findProgram } from './find-program.ts';
import { findFreePort, makeDataDir, type OwnServer, runProgram, startProgram } from './own-server.ts';

/**
 * What BullMQ requires of Redis (no eviction, an append-only file), with each write on disk before it is acknowledged,
 * like our own commits. Snapshots are off, since the append-only file already holds all data.
 */
const settings = {
  appendonly: 'yes',
  appendfsync: 'always',
  save: '',
  'maxmemory-policy': 'noeviction',
};

/**
 * Starts a Redis on the loopback address, its data in a new folder under `parent`. Throws like findProgram,
 * startProgram.
 */
export async function startRedis(parent = tmpdir()): Promise<OwnServer> {
  const command = findProgram('redis-server', 'redis-server', () => []);
  const dir = makeDataDir(parent, 'redis');
  const port = await findFreePort();
  const args = Object.entries({ ...settings, port: String(port), bind: '127.0.0.1', dir, daemonize: 'no' });
  const started = await startProgram(
    { command, args: args.flatMap(([name, value]) => [`--${name}`, value]), endSignal: 'SIGTERM' },
    dir,
  );
  return {
    url: `redis://127.0.0.1:${port}`,
    version: readVersion(command),
    settings: Object.entries(settings)
      .map(([name, value]) => `${name} ${value || '""'}`)
      .join(', '),
    ...started,
  };
}

/** "Redis server v=7.0.15 sha=…" */
const readVersion = (command: string): string =>
  /v=(\S+)/.exec(runProgram(command, ['--version']))?.[1] ?? 'of an unknown version';

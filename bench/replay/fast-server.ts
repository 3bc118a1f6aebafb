import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAgentClient } from '../../client/agent-client.ts';
import type { Client } from '../../client/index.ts';
import { clearFakeClock, faketime } from '../../test/faults/fake-clock.ts';

const program = join(import.meta.dirname, '../../build/cli/main.js');
/** The maximum of the setting, since the server's clock is fast and agents on a busy host are late. */
const leaseTtlMs = 3_600_000;

export interface FastServer {
  /** As the operator. */
  readonly client: Client;
  /** Throws if the exit code is not 0. */
  stop(): Promise<void>;
}

/**
 * A real server on an empty database whose clocks and timers run `speed` times as fast. Its constants (30 s of work per
 * lease, when a batch is overdue) are then in the time of the trace.
 */
export async function startFastServer(folder: string, speed: number): Promise<FastServer> {
  if (speed !== 1 && faketime === undefined)
    throw new Error('a server that runs faster needs libfaketime: apt-get install faketime');
  const dataDir = join(folder, 'data');
  const words = [
    'server',
    '--port=0',
    `--data-dir=${dataDir}`,
    `--lease-ttl-ms=${leaseTtlMs}`,
    '--log-level=warn',
  ];
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, ...(speed !== 1 && { LD_PRELOAD: faketime, FAKETIME: `+0 x${speed}` }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const line = once(createInterface({ input: child.stdout }), 'line');
  if ((await Promise.race([line, ended.then(() => undefined)])) === undefined)
    throw new Error('the server did not start');
  const { url } = JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8'));
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim();
  return {
    client: createAgentClient({ url, token }),
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      if (child.pid !== undefined) clearFakeClock(child.pid);
      if (code !== 0) throw new Error(`the server ended with ${code}`);
    },
  };
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Connections, submitBody, submitJobs } from './load.ts';
import type { Side } from './side.ts';

/** Can only do submits. */
export default async function openFloor(): Promise<Pick<Side, 'about' | 'submit' | 'reset' | 'close'>> {
  const server = fork(join(import.meta.dirname, 'floor-server.ts'));
  const [url] = (await once(server, 'message')) as [string];
  const connections = new Connections([url]);
  return {
    about: {
      version: process.version,
      durability: 'none: no database',
      settings: 'Hono, body reading and zod as in the server, no token; 64 keep-alive connections',
    },
    async submit(jobs, inFlight) {
      const authorization = 'authorization: Bearer nobody-looks-at-this-one-but-it-has-the-length\r\n';
      await submitJobs(await connections.take(inFlight), jobs, {
        authorization,
        body: submitBody('emulator'),
      });
    },
    reset: async () => undefined,
    async close() {
      connections.close();
      await endServer(server);
    },
  };
}

async function endServer(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit');
  server.disconnect();
  await ended;
}

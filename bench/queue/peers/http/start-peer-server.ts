import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HttpPeer } from './http-peer.ts';

/** The server process of a peer. */
export interface PeerServer {
  readonly url: string;
  readonly token: string;
  readonly about: HttpPeer['about'];
  stop(): Promise<void>;
}

/** Throws if it ends before it listens, or if bun is not installed for a peer that needs it. */
export async function startPeerServer(name: string, dir: string): Promise<PeerServer> {
  const program = name === 'bunqueue' ? findBun() : process.execPath;
  const child = spawn(program, [join(import.meta.dirname, 'serve-peer.ts'), name, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said = await firstJson(child, name);
  return {
    ...said,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}

/**
 * bun's package finds its binary in a script that runs on installation; without that it is in the package beside it.
 */
function findBun(): string {
  const name = `@oven/bun-${process.platform}-${process.arch}/bin/bun`;
  const path = join(import.meta.dirname, '../../../node_modules', name);
  if (!existsSync(path)) throw new Error(`bun is not installed: ${name} is missing in bench/node_modules`);
  return path;
}

type Said = Omit<PeerServer, 'stop'>;

/** What it says when it listens, among lines of its queue, which may log there before and after. */
async function firstJson(child: ChildProcess, name: string): Promise<Said> {
  if (!child.stdout) throw new Error('no output to read');
  try {
    for await (const line of createInterface(child.stdout)) {
      const said = parseObject(line);
      if (said) return said;
    }
  } finally {
    // The reader of lines pauses the output when it ends, and a full pipe would block the server.
    child.stdout.resume();
  }
  throw new Error(`the server of ${name} ended before it listened`);
}

function parseObject(line: string): Said | undefined {
  try {
    const said = JSON.parse(line) as Partial<Said> | null;
    return said?.url === undefined ? undefined : (said as Said);
  } catch {
    return undefined;
  }
}

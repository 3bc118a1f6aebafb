import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../build/cli/main.js');

/** A built `qgjob server` with its usual settings, on a database file of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  readonly adminToken: string;
  /** Resident memory now, KiB. */
  residentKib(): number;
  stop(): Promise<void>;
}

/** `dir` becomes the data folder. BENCH_SERVER_NODE_ARGS are given to its Node, such as `--cpu-prof`. */
export async function startServerProcess(dir: string): Promise<ServerProcess> {
  const nodeArgs = (process.env.BENCH_SERVER_NODE_ARGS ?? '').split(' ').filter(Boolean);
  const args = [...nodeArgs, main, 'server', '--port', '0', '--data-dir', dir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: quiet() });
  const url = await urlOf(child);
  const pid = child.pid as number;
  return {
    url,
    pid,
    adminToken: readFileSync(join(dir, 'admin.token'), 'utf8').trim(),
    residentKib: () => residentKib(pid),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Its start is no part of the report; what goes wrong is. */
const quiet = () => ({ ...process.env, QGJOB_LOG_LEVEL: process.env.QGJOB_LOG_LEVEL ?? 'warn' });

async function urlOf(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the server ended with ${code}`)),
  );
  const said = (async () => {
    let text = '';
    for await (const chunk of child.stdout ?? []) {
      text += String(chunk);
      const url = /listening on (\S+)\n/.exec(text)?.[1];
      if (url) return url;
    }
    throw new Error(`the server said no address: ${text}`);
  })();
  const url = await Promise.race([said, ended]);
  ended.catch(() => undefined);
  return url;
}

function residentKib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endChildWithParent } from './end-with-parent.ts';

const main = join(import.meta.dirname, '../../build/cli/main.js');

/** A built `qgjob server`, with default settings unless its flags say otherwise. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Empty where another server made it. */
  readonly adminToken: string;
  /** Resident memory now, KiB. */
  residentKib(): number;
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** How many files it may have open (`ulimit -n`); without it, as many as this process. */
  readonly openFiles?: number;
}

/**
 * `dir` becomes the data folder, with the server's log in it. BENCH_SERVER_NODE_ARGS are arguments for its Node, such
 * as `--cpu-prof`; `flags` are more of its flags, `env` more of its environment. The server ends with this process.
 * Throws if the server ends before it listens; the end of its log goes to stderr.
 */
export async function startServerProcess(
  dir: string,
  { flags = [], env = {}, openFiles }: ServerOptions = {},
): Promise<ServerProcess> {
  const nodeArgs = (process.env.BENCH_SERVER_NODE_ARGS ?? '').split(' ').filter(Boolean);
  const args = [...nodeArgs, main, 'server', '--port', '0', '--data-dir', dir, ...flags];
  const log = join(dir, 'server.log');
  // The limit holds for a program that a shell becomes.
  const [file, ...words] =
    openFiles === undefined
      ? [process.execPath]
      : ['/bin/sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, process.execPath];
  const child = spawn(file ?? '', [...words, ...args], {
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
    // One org of the bench stands for many.
    env: { ...process.env, QGJOB_MAX_REQUESTS_PER_ORG: '0', QGJOB_MAX_CALLS_PER_ORG: '100000', ...env },
  });
  endChildWithParent(child);
  let isStopping = false;
  child.once('exit', (code, signal) => {
    if (!isStopping) process.stderr.write(`the server ended with ${code ?? signal}:\n${endOf(log)}\n`);
  });
  const url = await urlOf(child);
  return {
    url,
    pid: child.pid ?? 0,
    adminToken: readToken(join(dir, 'admin.token')),
    residentKib: () => residentKib(child),
    async stop() {
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const readToken = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
const endOf = (log: string): string => readFileSync(log, 'utf8').slice(-3000);

/** The address, from the line that the server prints when it listens. */
async function urlOf(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const url = /listening on (\S+)\n/.exec(text)?.[1];
    if (url) return url;
  }
  throw new Error('the server ended before it listened');
}

function residentKib({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

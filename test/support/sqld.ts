import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real libSQL server with a database of its own. */
export interface Sqld {
  readonly url: string;
  /** Its data; it can be copied while nothing writes. */
  readonly folder: string;
  /** The database as a file, for readers. */
  readonly file: string;
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** Kills it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with the same data. */
  restart(): Promise<void>;
  /** Ends it and deletes its data. */
  close(): Promise<void>;
}

/** Path of the binary, from the package for this platform. */
const binary = (): string =>
  createRequire(import.meta.url).resolve(`@sqld/${process.platform}-${process.arch}/sqld`);

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `template`: a data folder to begin with; `more`: options of the command line. */
export async function startSqld(template?: string, more: readonly string[] = []): Promise<Sqld> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-sqld-'));
  if (template) cpSync(template, folder, { recursive: true });
  let started = await startOnFreePort(folder, more);
  const { port } = started;
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    file: join(folder, 'dbs/default/data'),
    get pid() {
      return started.child.pid ?? 0;
    },
    signal: (signal) => void started.child.kill(signal),
    kill: () => end(started.child, 'SIGKILL'),
    async restart() {
      const again = await start(folder, port, more);
      if (!again) throw new Error('the port of sqld was taken meanwhile');
      started = again;
    },
    async close() {
      await end(started.child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs it long enough to fill a folder, which can then be copied: it ends in order. */
export async function fillSqldFolder(folder: string, work: (url: string) => Promise<void>): Promise<void> {
  const { child, port } = await startOnFreePort(folder, []);
  await work(`http://127.0.0.1:${port}`);
  await end(child, 'SIGTERM');
}

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
}

async function startOnFreePort(folder: string, more: readonly string[]): Promise<Started> {
  for (let n = 0; n < 20; n += 1) {
    const started = await start(folder, await freePort(), more);
    if (started) return started;
  }
  throw new Error('sqld found no free port twenty times');
}

/** Undefined where the port was taken. Errors: what it wrote, where it ended for another reason. */
async function start(folder: string, port: number, more: readonly string[]): Promise<Started | undefined> {
  const words = [
    '--no-welcome',
    '-d',
    folder,
    '--http-listen-addr',
    `127.0.0.1:${port}`,
    '--disable-metrics',
  ];
  const child = spawn(binary(), [...words, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text) => (said = `${said}${text}`.slice(-2000)));
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      running.delete(child);
      if (/address.*in use/i.test(said)) return undefined;
      throw new Error(`sqld ended at its start: ${said}`);
    }
    const isUp = await fetch(`http://127.0.0.1:${port}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return { child, port };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Below the range that the system gives to outgoing connections, so that none of those takes it between two starts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A server that this process started for itself, on loopback. */
export interface OwnServer {
  readonly url: string;
  readonly version: string;
  /** What makes its figures, in words for the report. */
  readonly settings: string;
  /** Ends it and takes its data away. */
  stop(): Promise<void>;
}

/** Who a server runs as; absent: as ourselves. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly user?: User | undefined;
  /** Told by a signal to end in order. */
  readonly endSignal: NodeJS.Signals;
}

/** How long a start and an end may take. */
const timeoutMs = 60_000;

/** A folder of its own under `parent`, which the user of the server can write. */
export function makeDataDir(parent: string, name: string, user?: User): string {
  const dir = mkdtempSync(join(parent, `qgjob-bench-${name}-`));
  if (user) chownSync(dir, user.uid, user.gid);
  return dir;
}

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/**
 * Starts the program and waits until it says that it accepts connections. Answers what ends it and takes `dir` away.
 * Errors: it ended first, or said nothing for a minute; its last words are in the message.
 */
export async function startProgram(program: Program, dir: string): Promise<() => Promise<void>> {
  const child = spawn(program.command, program.args, {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...program.user,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // A bench that dies leaves neither a server nor its data.
  const atExit = (): void => endAtOnce(child, dir);
  process.once('exit', atExit);
  const stop = async (): Promise<void> => {
    child.kill(program.endSignal);
    const tooLong = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await ended;
    clearTimeout(tooLong);
    process.removeListener('exit', atExit);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Both Redis and PostgreSQL say it in these words, the one to stdout, the other to stderr. */
function waitUntilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string): void => reject(new Error(`${child.spawnfile} ${why}\n${said.slice(-2000)}`));
    const tooLong = setTimeout(() => fail('was not ready in time'), timeoutMs);
    const hear = (chunk: Buffer): void => {
      // Nothing is kept once it is up: its output must be read, or the pipe stops it.
      said = (said + chunk.toString()).slice(-4000);
      if (!/ready to accept connections/i.test(said)) return;
      clearTimeout(tooLong);
      resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(tooLong);
      fail(`ended with ${code} before it was ready`);
    });
  });
}

/** For an exit handler, which cannot wait. */
function endAtOnce(child: ChildProcess, dir: string): void {
  child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

/** Runs to its end, and answers what it printed. Errors: it could not be run, or failed. */
export function runProgram(command: string, args: readonly string[], user?: User): string {
  const run = spawnSync(command, args, { encoding: 'utf8', ...user });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${command} ${args.join(' ')} failed\n${run.stdout}${run.stderr}`);
  return run.stdout.trim();
}

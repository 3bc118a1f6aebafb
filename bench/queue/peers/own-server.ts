import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { endChildWithParent } from '../end-with-parent.ts';

/** A server that this process started on the loopback address. */
export interface OwnServer {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  /** The settings that matter for its figures, for the report. */
  readonly settings: string;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

/** The user that a server runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly user?: User | undefined;
  /** The signal for an orderly end. */
  readonly endSignal: NodeJS.Signals;
}

/** Limit for a start and for an end. */
const timeoutMs = 60_000;

/** A new folder under `parent` that the user of the server can write to. */
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
 * Starts the program and waits until it prints that it accepts connections. Its end deletes `dir`. Throws if it ends
 * first or is not ready within a minute; the message has the end of its output.
 */
export async function startProgram(program: Program, dir: string): Promise<Pick<OwnServer, 'pid' | 'stop'>> {
  const child = spawn(program.command, program.args, {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...program.user,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  endChildWithParent(child);
  // If the bench exits early, neither the server nor its data stays.
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
  return { pid: child.pid ?? 0, stop };
}

/** Redis (stdout) and PostgreSQL (stderr) print the same words when they are ready. */
function waitUntilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string): void =>
      reject(new Error(`${child.spawnfile} ${why}\n${output.slice(-2000)}`));
    const tooLong = setTimeout(() => fail('was not ready in time'), timeoutMs);
    const append = (chunk: Buffer): void => {
      // The output must be read for as long as it runs: a full pipe would block it. Only the end is kept.
      output = (output + chunk.toString()).slice(-4000);
      if (!/ready to accept connections/i.test(output)) return;
      clearTimeout(tooLong);
      resolve();
    };
    child.stdout?.on('data', append);
    child.stderr?.on('data', append);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(tooLong);
      fail(`ended with ${code} before it was ready`);
    });
  });
}

/** For an exit handler, which cannot wait for the end. */
function endAtOnce(child: ChildProcess, dir: string): void {
  child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

/** Runs a program to its end and returns its output. Throws if it cannot be run or fails. */
export function runProgram(command: string, args: readonly string[], user?: User): string {
  const run = spawnSync(command, args, { encoding: 'utf8', ...user });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${command} ${args.join(' ')} failed\n${run.stdout}${run.stderr}`);
  return run.stdout.trim();
}

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const main = join(import.meta.dirname, '../../build/cli/main.js');

/** A process of the built `qgjob`. */
export interface Program {
  readonly pid: number;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  isRunning(): boolean;
  /** Nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** What it has printed. */
  readLog(): string;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** Beside PATH and HOME, which is all that is there. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that what it prints goes to. */
  readonly log: string;
}

export function startProgram(args: readonly string[], { cwd, env, log }: ProgramOptions): Program {
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: cwd, ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal))),
    isRunning,
    signal: (signal) => void child.kill(signal),
    readLog: () => readFileSync(log, 'utf8'),
  };
}

/** Kills it, also one that is stopped, and waits for its end. */
export async function endProgram(program: Program): Promise<void> {
  program.signal('SIGKILL');
  await program.ended;
}

const lookEveryMs = 20;

/** Resolves once the look answers something; rejects when that takes longer than `boundMs`. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  boundMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${boundMs / 1000} s`);
    await sleep(lookEveryMs);
  }
}

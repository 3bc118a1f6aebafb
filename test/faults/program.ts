import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtCli, programEnv } from '../support/built-cli.ts';

/** A process of the built `qgjob`. */
export interface Program {
  readonly pid: number;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  isRunning(): boolean;
  /** Does nothing after the end. */
  signal(signal: NodeJS.Signals): void;
  /** What it has printed, stdout and stderr. */
  readLog(): string;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** Added to PATH and HOME, which are all that it has otherwise. */
  readonly env: Readonly<Record<string, string>>;
  /** The file for its output. */
  readonly log: string;
}

export function startProgram(args: readonly string[], { cwd, env, log }: ProgramOptions): Program {
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, [builtCli, ...args], {
    cwd,
    env: programEnv(cwd, env),
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

/** Kills it with SIGKILL, which also ends a stopped process, and waits for its end. */
export async function endProgram(program: Program): Promise<void> {
  program.signal('SIGKILL');
  await program.ended;
}

const lookEveryMs = 20;

/** Resolves with the first result of `look` that is not undefined; rejects after `boundMs`. */
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

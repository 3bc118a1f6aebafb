import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** A `perf stat` that counts the calls of fsync and fdatasync of some processes. */
export interface Perf {
  /** Ends it; the calls since it was attached, or undefined where it had ended before: its figure lacks the rest. */
  count(): Promise<number | undefined>;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
  /** Ends it at once, if it runs. */
  kill(): void;
}

const events = 'syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync';
/** Switched off at first (-D -1), on by its descriptor 3, which it answers on 4; prints lines of `N,,event,…`. */
const perfArgs = ['stat', '-x', ',', '-D', '-1', '--control', 'fd:3,4', '-e', events, '-p'];
/** What it ends with when it is interrupted; when all its processes have ended, that is 0. */
const interrupted = ['SIGINT', 130];

/**
 * Resolves when it counts. A process that ends later is no matter, unless it is the last. Throws with what perf says
 * where it may not count, or where one of the processes is gone already.
 */
export async function attachPerf(pids: readonly number[]): Promise<Perf> {
  const perf = spawn('perf', [...perfArgs, pids.join(',')], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const output = text(perf.stderr as Readable);
  output.catch(() => undefined);
  const ended = once(perf, 'exit') as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  ended.catch(() => undefined);
  await switchOn(perf, ended, output);
  return {
    ended,
    async count() {
      perf.kill('SIGINT');
      const [code, signal] = await ended;
      return interrupted.includes(signal ?? code ?? 0) ? sumOf(await output) : undefined;
    },
    kill: () => void perf.kill('SIGKILL'),
  };
}

/** Rejects if it ends without an answer. */
async function switchOn(perf: ChildProcess, ended: Promise<unknown>, output: Promise<string>): Promise<void> {
  const [, , , control, answers] = perf.stdio as unknown as (Duplex | null)[];
  control?.on('error', () => undefined);
  const refused = ended.then(async () => {
    throw new Error(`perf stat counts nothing: ${(await output).trim().slice(0, 300)}`);
  });
  refused.catch(() => undefined);
  control?.write('enable\n');
  await Promise.race([refused, once(answers as Duplex, 'data')]);
}

/** The first column of each line of a counter. */
export const sumOf = (output: string): number =>
  output
    .split('\n')
    .filter((line) => line.includes('syscalls:'))
    .reduce((sum, line) => sum + (Number(line.split(',')[0]) || 0), 0);

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { findProgram } from './peers/find-program.ts';

/** Counts how often some processes, and the ones that they start, have the disk write. */
export interface FsyncCounter {
  /** Runs `work`, and counts the calls of fsync and fdatasync meanwhile; undefined where nothing counts them. */
  during<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly fsyncs: number | undefined }>;
}

/** Where they cannot be counted. */
export const noCounter: FsyncCounter = {
  during: async (work) => ({ result: await work(), fsyncs: undefined }),
};

const events = 'syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync';
/** Begins switched off (-D -1), is switched on by its descriptor 3, says so on 4, and prints lines of `N,,event,…`. */
const perfArgs = ['stat', '-x', ',', '-D', '-1', '--control', 'fd:3,4', '-e', events, '-p'];

/**
 * The kernel counts by its tracepoints, which costs a call some hundred nanoseconds; `perf stat` reads that. `roots`:
 * processes that are counted with all below them.
 */
export const perfCounter = (roots: readonly number[]): FsyncCounter => ({
  async during(work) {
    const perf = spawn('perf', [...perfArgs, withChildren(roots).join(',')], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    const output = text(perf.stderr as Readable);
    await switchOn(perf, output);
    try {
      const result = await work();
      perf.kill('SIGINT');
      return { result, fsyncs: sumOf(await output) };
    } finally {
      perf.kill('SIGKILL');
    }
  },
});

/** Why fsyncs cannot be counted on this machine; undefined where they can. Root gets `perf` installed if need be. */
export async function whyNotCounted(): Promise<string | undefined> {
  try {
    findProgram('perf', 'linux-perf', () => []);
    const file = join(tmpdir(), `qgjob-bench-fsync-${process.pid}`);
    const { fsyncs } = await perfCounter([process.pid]).during(() => writeFile(file, '', { flush: true }));
    await rm(file, { force: true });
    return fsyncs === 1 ? undefined : `perf stat counted ${fsyncs} of 1`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Rejects with what perf says where it may not count: it ends then without an answer. */
async function switchOn(perf: ChildProcess, output: Promise<string>): Promise<void> {
  const [, , , control, answers] = perf.stdio as unknown as (Duplex | null)[];
  control?.on('error', () => undefined);
  const ended = once(perf, 'exit').then(async () => {
    throw new Error(`perf stat counts nothing: ${(await output).trim().slice(0, 300)}`);
  });
  ended.catch(() => undefined);
  control?.write('enable\n');
  await Promise.race([ended, once(answers as Duplex, 'data')]);
}

/** The first column of each line of a counter. */
export const sumOf = (output: string): number =>
  output
    .split('\n')
    .filter((line) => line.includes('syscalls:'))
    .reduce((sum, line) => sum + (Number(line.split(',')[0]) || 0), 0);

/** These processes and all below them now. */
function withChildren(roots: readonly number[]): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const open = [...roots];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    found.push(pid);
    open.push(...(childrenOf.get(pid) ?? []));
  }
  return found;
}

/** Undefined for a process that is gone. The name of a program may hold spaces and parentheses. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

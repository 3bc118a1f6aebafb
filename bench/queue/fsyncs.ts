import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachPerf, type Perf } from './attach-perf.ts';
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

/**
 * The kernel counts by its tracepoints, which costs a call some hundred nanoseconds; `perf stat` reads that. `roots`:
 * processes that are counted with all below them, as `list` finds them.
 */
export const perfCounter = (roots: readonly number[], list = withChildren): FsyncCounter => ({
  async during(work) {
    const perf = await attachToLiving(() => list(roots)).catch(() => undefined);
    if (!perf) return noCounter.during(work);
    try {
      const result = await work();
      return { result, fsyncs: await perf.count() };
    } finally {
      perf.kill();
    }
  },
});

const attempts = 3;

/** perf refuses to start if one of the listed processes has ended meanwhile, as PostgreSQL's short-lived workers do. */
async function attachToLiving(list: () => readonly number[]): Promise<Perf> {
  for (let n = 1; ; n += 1) {
    try {
      return await attachPerf(list());
    } catch (error) {
      if (n === attempts) throw error;
    }
  }
}

/** Why fsyncs cannot be counted on this machine; undefined where they can. Root gets `perf` installed if need be. */
export async function whyNotCounted(): Promise<string | undefined> {
  try {
    findProgram('perf', 'linux-perf', () => []);
  } catch (error) {
    return (error as Error).message;
  }
  return whyPerfFails();
}

/** The same of a perf that is there: it counts one call of this process. */
export async function whyPerfFails(): Promise<string | undefined> {
  let perf: Perf | undefined;
  try {
    perf = await attachPerf([process.pid]);
    const file = join(tmpdir(), `qgjob-bench-fsync-${process.pid}`);
    await writeFile(file, '', { flush: true });
    await rm(file, { force: true });
    const fsyncs = await perf.count();
    return fsyncs === 1 ? undefined : `perf stat counted ${fsyncs} of 1`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    perf?.kill();
  }
}

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

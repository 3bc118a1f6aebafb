import { readdir, readFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';

/** True while a process of this number runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sends a signal to the whole process group of a child. A group that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM: what is left of the group belongs to another user (a setuid helper); the agent can do nothing about it.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Enough for the agent to come first, little enough for a test to get its share beside an emulator. */
const nicer = 5;
const nicest = 19;

/** How much lower than the agent's the priority of a child is. */
export const nicerBy = (own: number): number => Math.min(nicest - own, nicer);

/**
 * Lowers the priority of a child, and of what it will start, below that of the agent: a busy test must not keep its own
 * lease from being renewed. Where that is not possible, the child runs as it is.
 */
export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, getPriority() + nicerBy(getPriority()));
  } catch {
    // It has ended already, or the system does not allow it.
  }
}

/**
 * The variable that every process of a test inherits, whatever group or session it moves to. Its value begins with the
 * folder of the agent's process, so that a later start finds the processes of a killed agent.
 */
export const markerName = 'QGJOB_CHILD';

/**
 * Kills the processes whose marker is this one, or a path below it: what a child left outside of its process group
 * (double fork, setsid), found by its environment, never by name. Only on Linux; elsewhere only the group is killed.
 * Answers the pids.
 */
export async function sweepMarker(marker: string, root = '/proc'): Promise<number[]> {
  const pids = (await readdir(root).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(pids.map((pid) => hasMarker(`${root}/${pid}/environ`, marker)));
  const left = pids.filter((pid, index) => marked[index] && pid !== process.pid);
  return left.filter((pid) => killOne(pid));
}

async function hasMarker(file: string, marker: string): Promise<boolean> {
  // Processes of other users cannot be read, and a process may end meanwhile.
  const environment = await readFile(file, 'latin1').catch(() => '');
  const wanted = Buffer.from(`${markerName}=${marker}`).toString('latin1');
  return environment.split('\0').some((entry) => entry === wanted || entry.startsWith(`${wanted}/`));
}

function killOne(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

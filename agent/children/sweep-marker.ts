import { readdir, readFile } from 'node:fs/promises';

/**
 * The variable that every process of a test inherits, whatever group or session it moved to. Its value begins with
 * the folder of the agent's process, so that a later start finds what a killed one left.
 */
export const markerName = 'QGJOB_CHILD';

/**
 * Kills the processes whose marker is this one, or lies under it as under a folder: what a child left behind outside
 * its process group (double fork, setsid), found by its environment, never by name. Linux only: elsewhere the group
 * is all there is. Answers the pids.
 */
export async function sweepMarker(marker: string, root = '/proc'): Promise<number[]> {
  const pids = (await readdir(root).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(pids.map((pid) => carries(`${root}/${pid}/environ`, marker)));
  const left = pids.filter((pid, index) => marked[index] && pid !== process.pid);
  return left.filter((pid) => killOne(pid));
}

async function carries(file: string, marker: string): Promise<boolean> {
  // Processes of others cannot be read, and a process may end while we look.
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

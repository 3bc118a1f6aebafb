import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../children/is-alive.ts';
import { sweepMarker } from '../children/sweep-marker.ts';
import type { AgentConfig } from '../config.ts';
import { agentFolder, removeFolder, removeLeaseFolder } from './lease-folder.ts';

/** Ends the tests and removes the files that an agent of this name left behind when its process was killed. */
export async function clearLeftBehind(config: AgentConfig): Promise<void> {
  const home = agentFolder(config);
  const pids = (await readdir(home).catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // Our own number is that of an earlier process too: this one has made no folder yet.
    if (Number(pid) !== process.pid && isAlive(Number(pid))) continue;
    const folder = join(home, pid);
    await sweepMarker(folder);
    for (const lease of await readdir(folder)) await removeLeaseFolder(join(folder, lease));
    await removeFolder(folder);
  }
}

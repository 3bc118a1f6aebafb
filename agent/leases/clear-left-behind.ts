import { lstat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent } from '../agent.ts';
import { isAlive, sweepMarker } from '../children/processes.ts';
import type { AgentConfig } from '../config.ts';
import { agentFolder, leaseIn, outerPrefix, removeFolder } from '../folders.ts';
import { removeNoted } from './outside-files.ts';

/**
 * Ends the tests and removes the files that an agent of this name left behind when its process was killed. A file that
 * cannot be removed stays, with a line about it: the agent works all the same.
 */
export async function clearLeftBehind({
  config,
  say,
  bundles,
  apps,
  packages,
  repositories,
}: Pick<Agent, 'config' | 'say' | 'bundles' | 'apps' | 'packages' | 'repositories'>): Promise<void> {
  const home = agentFolder(config);
  const pids = (await readdir(home).catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // A folder of our own number is that of an earlier process: this one has made none yet.
    if (Number(pid) !== process.pid && isAlive(Number(pid))) continue;
    const folder = join(home, pid);
    await clearProcess(config, folder).catch((error: Error) =>
      say(`${folder} of an earlier start stays: ${error.message}`),
    );
  }
  await clearOuter(config, say);
  for (const cache of [bundles, apps, packages, repositories])
    await cache.clearTorn().catch((error: Error) => say(`what is unfinished stays: ${error.message}`));
}

async function clearProcess({ workspace }: AgentConfig, folder: string): Promise<void> {
  await sweepMarker(folder);
  // A test could have put a link in its place: where that leads to, nothing is ours.
  if ((await lstat(folder)).isDirectory()) {
    for (const name of await readdir(folder)) await removeNotedOf(join(folder, name), workspace);
  }
  await removeFolder(folder);
}

/** Agents of a version before had the lease in the folder itself. */
async function removeNotedOf(parent: string, workspace: string): Promise<void> {
  for (const lease of [leaseIn(parent), parent]) await removeNoted(lease, workspace);
}

/** The folders of leases outside of the agent's own. */
async function clearOuter(config: AgentConfig, say: Agent['say']): Promise<void> {
  const prefix = outerPrefix(config);
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const [, pid] = /^(\d+)-/.exec(name.slice(prefix.length)) ?? [];
    if (!name.startsWith(prefix) || pid === undefined) continue;
    if (Number(pid) !== process.pid && isAlive(Number(pid))) continue;
    // An agent that ran bundles alone left no folder of its own by which its processes would be found.
    await sweepMarker(join(agentFolder(config), pid));
    await removeNotedOf(join(tmpdir(), name), config.workspace);
    await removeFolder(join(tmpdir(), name)).catch((error: Error) => say(`${name} stays: ${error.message}`));
  }
}

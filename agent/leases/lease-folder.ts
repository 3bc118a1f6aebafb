import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '../agent.ts';

const leasesFolder = (agent: Agent): string => join(agent.config.dataDir, agent.config.name, 'leases');

/** Removes what an earlier start of this agent left behind when it was killed. */
export async function clearLeaseFolders(agent: Agent): Promise<void> {
  await rm(leasesFolder(agent), { recursive: true, force: true });
}

/** A folder for the reports and files of one lease, which nobody else may read. */
export async function makeLeaseFolder(agent: Agent, leaseId: string): Promise<string> {
  return makePrivate(leasesFolder(agent), leaseId);
}

/** A folder inside one that is there or not yet; answers its path. */
export async function makePrivate(...parts: string[]): Promise<string> {
  const path = join(...parts);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

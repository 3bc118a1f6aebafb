import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from './config.ts';

/** Holds one folder for each process that is, or was, this agent. Agents of other names have folders of their own. */
export const agentFolder = ({ dataDir, name }: AgentConfig): string => join(dataDir, name);

/** What this process needs for its leases; removed when it ends. */
export const processFolder = (config: AgentConfig): string => join(agentFolder(config), String(process.pid));

/** Archives of bundles and packages of set-ups, for all agents of this data folder. */
export const cacheFolder = ({ dataDir }: AgentConfig): string => join(dataDir, '.cache');

/** Makes a new folder in another, mode 0700. Its name is made here: not by the server, nor by a test. */
export async function makeNew(parent: string, prefix: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  return mkdtemp(join(parent, prefix));
}

/** A folder that is gone is no error. Links in it are removed, not followed. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

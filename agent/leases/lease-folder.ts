import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../config.ts';

/** Holds one folder for each process that is, or was, this agent. Agents of other names have their own. */
export const agentFolder = ({ dataDir, name }: AgentConfig): string => join(dataDir, name);

/** What this process needs for its leases; gone when it ends. */
export const processFolder = (config: AgentConfig): string => join(agentFolder(config), String(process.pid));

/** A folder for the reports and files of one lease, which nobody else may read. Its name is no word of the server's. */
export const makeLeaseFolder = (config: AgentConfig): Promise<string> =>
  makeNew(processFolder(config), 'lease-');

/** A new folder in another, mode 0700: neither what a server says nor what a test has put there is its name. */
export async function makeNew(parent: string, prefix: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  return mkdtemp(join(parent, prefix));
}

/** A folder that is gone is no error, and links in it are removed, not followed. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

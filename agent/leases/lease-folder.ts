import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processFolder } from '../agent-folder.ts';
import type { AgentConfig } from '../config.ts';

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

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../config.ts';

/** Holds one folder for each process that is, or was, this agent. Agents of other names have their own. */
export const agentFolder = ({ dataDir, name }: AgentConfig): string => join(dataDir, name);

/** What this process needs for its leases; gone when it ends. */
export const processFolder = (config: AgentConfig): string => join(agentFolder(config), String(process.pid));

/** A folder for the reports and files of one lease, which nobody else may read. */
export async function makeLeaseFolder(config: AgentConfig, leaseId: string): Promise<string> {
  return makePrivate(processFolder(config), leaseId);
}

/** A folder inside one that is there or not yet; answers its path. */
export async function makePrivate(...parts: string[]): Promise<string> {
  const path = join(...parts);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** In a lease's folder: which files elsewhere its tests need only for the time being, one a line. */
const outsideFile = 'outside';

/** Writes down what a test puts outside of its lease's folder, so that it goes with the folder. */
export async function noteOutside(folder: string, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await writeFile(join(folder, outsideFile), paths.join('\n'));
}

/** Removes a lease's folder and the files that it notes. A folder that is gone is no error. */
export async function removeLeaseFolder(folder: string): Promise<void> {
  const noted = await readFile(join(folder, outsideFile), 'utf8').catch(() => '');
  for (const path of noted.split('\n').filter(Boolean)) await rm(path, { force: true });
  await removeFolder(folder);
}

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

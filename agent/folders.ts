import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig } from './config.ts';

/** Holds one folder for each process that is, or was, this agent. Agents of other names have folders of their own. */
export const agentFolder = ({ dataDir, name }: AgentConfig): string => join(dataDir, name);

/** What this process needs for its leases; removed when it ends. */
export const processFolder = (config: AgentConfig): string => join(agentFolder(config), String(process.pid));

/**
 * The beginning of the names of folders in the system's temporary folder in which this agent runs bundles, and whatever is
 * isolated, and those of devices. They are not in its own folder, which tests may not be able to enter, and which may lie in a workspace: Node and
 * git look into the folders above, and would find the packages and the commit of that workspace.
 */
export const outerPrefix = (config: AgentConfig): string =>
  `qgjob-${createHash('sha256').update(agentFolder(config)).digest('hex').slice(0, 16)}-`;

/**
 * A new folder outside of the agent's own; the pid tells a later start whether it is left over. Answers its real
 * path.
 */
export const makeOuterFolder = async (config: AgentConfig): Promise<string> =>
  realpath(await makeNew(tmpdir(), `${outerPrefix(config)}${process.pid}-`));

/** Archives of bundles, builds of apps and installed packages, for all agents of this data folder. */
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

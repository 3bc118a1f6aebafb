import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { AgentConfig } from './config.ts';

/** Holds one folder for each process that is, or was, this agent. Agents of other names have folders of their own. */
export const agentFolder = ({ dataDir, name }: Pick<AgentConfig, 'dataDir' | 'name'>): string =>
  join(dataDir, name);

/** What this process needs for its leases; removed when it ends. */
export const processFolder = (config: AgentConfig): string => join(agentFolder(config), String(process.pid));

/**
 * The beginning of the names of folders in the system's temporary folder in which this agent runs bundles, and whatever is
 * isolated, and those of devices. They are not in its own folder, which tests may not be able to enter, and which may lie in a
 * workspace: Node and git look into the folders above, and would find the packages and the commit of that workspace.
 */
export const outerPrefix = (config: Pick<AgentConfig, 'dataDir' | 'name'>): string =>
  `qgjob-${createHash('sha256').update(agentFolder(config)).digest('hex').slice(0, 16)}-`;

/**
 * A new folder outside of the agent's own; the pid tells a later start whether it is left over. It stays the agent's, and other users
 * may only walk through it: what is given to tests is made in it, by names that nobody can take before. Answers its real path.
 */
export async function makeOuterFolder(config: AgentConfig): Promise<string> {
  const folder = await realpath(await makeNew(tmpdir(), `${outerPrefix(config)}${process.pid}-`));
  await chmod(folder, 0o711);
  return folder;
}

/** Archives of bundles, builds of apps and installed packages, for all agents of this data folder. */
export const cacheFolder = ({ dataDir }: AgentConfig): string => join(dataDir, '.cache');

/** Makes a new folder in another, mode 0700. Its name is made here: not by the server, nor by a test. */
export async function makeNew(parent: string, prefix: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  return mkdtemp(join(parent, prefix));
}

const run = promisify(execFile);

/**
 * A folder that is gone is no error. Links in it are removed, not followed. Node goes by paths: another user's test could put a
 * link in place of a folder between two of its steps, and lead root elsewhere. `rm` goes from folder to folder (openat).
 */
export async function removeFolder(path: string): Promise<void> {
  if (process.getuid?.() === 0) await removeAsRoot(path, 3);
  else await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** A process that is just ending may still write there. */
async function removeAsRoot(path: string, tries: number): Promise<void> {
  try {
    await run('rm', ['-rf', '--', path]);
  } catch (error) {
    if (tries <= 1) throw error;
    await sleep(100);
    await removeAsRoot(path, tries - 1);
  }
}

/**
 * The folder of a lease, in the one that was made for it. The name is short: browsers of tests make sockets below it, and
 * the whole path of one has 107 characters at most (unix(7), `sun_path`).
 */
export const leaseIn = (parent: string): string => join(parent, 'l');

/** What the agent alone has of a lease. It lies beside the folder of the lease, which tests may own: they see none of it. */
const asideOf = (leaseFolder: string): string => join(dirname(leaseFolder), 'aside');

/** Makes the folder of a lease in a new one that stays the agent's; what lies beside it is made before anything runs. Answers its path. */
export async function makeLease(parent: string): Promise<string> {
  const folder = leaseIn(parent);
  await orWithout(parent, async () => {
    for (const path of [folder, asideOf(folder)]) await mkdir(path, { mode: 0o700 });
  });
  return folder;
}

/** Where the work in a new folder fails, on a full disk say, the folder goes. */
export async function orWithout(folder: string, work: () => Promise<void>): Promise<void> {
  await work().catch(async (error: unknown) => {
    await removeFolder(folder).catch(() => undefined);
    throw error;
  });
}

/** Makes a new folder for what tests of the lease must not reach; it goes with the folder of the lease. Answers its path. */
export const makeAside = (leaseFolder: string, prefix: string): Promise<string> =>
  makeNew(asideOf(leaseFolder), prefix);

/** Removes the folder of a lease with the one that was made for it, and first what the agent has there. */
export async function removeLease(leaseFolder: string): Promise<void> {
  await removeFolder(asideOf(leaseFolder)).finally(() => removeFolder(dirname(leaseFolder)));
}

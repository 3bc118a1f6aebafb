import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import type { RunnerEnvironment } from '../config.ts';

const run = promisify(execFile);

/** The checkout that holds the working directory. */
export interface Checkout {
  /** HEAD, which is the merge commit for a pull request; undefined where there is no git checkout. */
  readonly sha: string | undefined;
  /** Absolute: the root of the repository. */
  readonly root: string;
  /** From the root of the repository to the working directory: '' or `apps/mobile/`. */
  readonly prefix: string;
}

/**
 * Asks git which commit the working directory is at. Git is asked at the root, which is looked for here: a folder of a
 * pull request may look like a repository of its own, and git would believe it. `safe.directory` because in a container
 * job the checkout belongs to another user.
 */
export async function readCheckout(
  directory: string,
  environment: Pick<RunnerEnvironment, 'workspace' | 'gitEnv'>,
): Promise<Checkout> {
  const [workspace, here] = [realpathSync(environment.workspace), realpathSync(directory)];
  const root = rootOf(workspace, here);
  const sha = root === undefined ? undefined : await headOf(root, environment.gitEnv);
  const top = root ?? (isInside(workspace, here) ? workspace : here);
  const prefix = relative(top, here).split(sep).join('/');
  return { sha, root: top, prefix: prefix && `${prefix}/` };
}

/** HEAD; undefined without git, or where it is not born yet: the agent's workspace is taken as it is, and the log says so. */
async function headOf(root: string, env: RunnerEnvironment['gitEnv']): Promise<string | undefined> {
  const args = ['-c', 'safe.directory=*', '-c', 'safe.bareRepository=explicit', '-C', root];
  try {
    const { stdout } = await run('git', [...args, 'rev-parse', 'HEAD'], { env, timeout: 15_000 });
    const sha = stdout.trim();
    return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) ? sha : undefined;
  } catch {
    return undefined;
  }
}

/** The nearest folder with a `.git`, from this one up: of a job's workspace no further, so that none around it counts. */
function rootOf(workspace: string, folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  const above = dirname(folder);
  return folder === workspace || above === folder ? undefined : rootOf(workspace, above);
}

const isInside = (workspace: string, folder: string): boolean => {
  const path = relative(workspace, folder);
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
};

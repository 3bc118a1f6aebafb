import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { readHead } from '../../client/read-head.ts';
import type { RunnerEnvironment } from '../config.ts';

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
 * Finds the checkout and asks git for its commit. Git is asked at the root, which is looked for here: a folder of a pull
 * request may look like a repository of its own, and git would believe it. In a container job the checkout belongs to
 * another user.
 */
export async function readCheckout(
  directory: string,
  environment: Pick<RunnerEnvironment, 'workspace' | 'gitEnv'>,
): Promise<Checkout> {
  const [workspace, here] = [realpathSync(environment.workspace), realpathSync(directory)];
  const root = rootOf(workspace, here);
  // Without git, or where HEAD is not born yet, the agent's workspace is taken as it is, and the log says so.
  const head =
    root === undefined ? undefined : await readHead(root, { env: environment.gitEnv, anyOwner: true });
  const sha = head && 'sha' in head ? head.sha : undefined;
  const top = root ?? (pathInside(workspace, here) === undefined ? here : workspace);
  const prefix = relative(top, here).split(sep).join('/');
  return { sha, root: top, prefix: prefix && `${prefix}/` };
}

/** The nearest folder with a `.git`, from this one up: of a job's workspace no further, so that none around it counts. */
function rootOf(workspace: string, folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  const above = dirname(folder);
  // Not by their texts: on Windows the letter of a disk may be written in two ways.
  const isTop = pathInside(workspace, folder) === '' || above === folder;
  return isTop ? undefined : rootOf(workspace, above);
}

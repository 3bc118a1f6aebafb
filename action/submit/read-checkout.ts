import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import type { RunnerEnvironment } from '../config.ts';

const run = promisify(execFile);

/** The checkout that holds the working directory. */
export interface Checkout {
  /** HEAD, which is the merge commit for a pull request; undefined where there is no git checkout. */
  readonly sha: string | undefined;
  /** From the root of the repository to the working directory: '' or `apps/mobile/`. */
  readonly prefix: string;
}

/**
 * Asks git which commit the working directory is at. `safe.directory` because in a container job the checkout belongs
 * to another user; no bare repository that is found by itself, for files of the checkout may look like one; the ceiling,
 * so that a repository around the job's workspace is not taken for its checkout.
 */
export async function readCheckout(
  directory: string,
  environment: Pick<RunnerEnvironment, 'workspace' | 'gitEnv'>,
): Promise<Checkout> {
  const settings = ['safe.directory=*', 'safe.bareRepository=explicit', 'core.fsmonitor=false'];
  const args = [
    ...settings.flatMap((setting) => ['-c', setting]),
    ...['-C', directory, 'rev-parse', 'HEAD', '--show-prefix'],
  ];
  const env = { ...environment.gitEnv, GIT_CEILING_DIRECTORIES: dirname(environment.workspace) };
  try {
    const { stdout } = await run('git', args, { env, timeout: 15_000 });
    const [sha = '', prefix = ''] = stdout.split('\n');
    if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return { sha, prefix };
  } catch {
    // No git, or no repository: the run goes to the agent's workspace as it is, and the log says so.
  }
  return { sha: undefined, prefix: prefixIn(environment.workspace, directory) };
}

function prefixIn(workspace: string, directory: string): string {
  const path = relative(realpathSync(workspace), realpathSync(directory)).split(sep).join('/');
  return path === '' || path.startsWith('..') ? '' : `${path}/`;
}

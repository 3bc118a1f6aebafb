import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Finding, ok, warning } from '../../host/finding.ts';

/** Bundles need no git on the agent's host; commits of git and checked workspaces do. */
export async function examineGit(env: Readonly<Record<string, string>>): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { env, timeout: 10_000 });
    return ok('git', stdout.trim());
  } catch {
    return warning(
      'git',
      'is not on the PATH: runs with `--source=git` or a checked workspace are rejected',
      'install git',
    );
  }
}

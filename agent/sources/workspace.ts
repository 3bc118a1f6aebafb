import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Why the workspace must not run what asks for this commit; undefined when it may. Without a `sha` it is taken as
 * it is.
 */
export async function refuseCommit(
  workspace: string,
  sha: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (sha === undefined) return undefined;
  const head = await readHead(workspace, env);
  if ('failure' in head) {
    return `the run asks for commit ${sha}, and git cannot tell which one the agent's workspace is at: ${head.failure}`;
  }
  if (head.sha === sha) return undefined;
  return `the agent's workspace is at commit ${head.sha}, the run asks for ${sha}: check that commit out on the agent's host`;
}

async function readHead(
  workspace: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly sha: string } | { readonly failure: string }> {
  try {
    const { stdout } = await run('git', ['-C', workspace, 'rev-parse', 'HEAD'], { env, timeout: 15_000 });
    return { sha: stdout.trim() };
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return { failure: (stderr || message).trim().split('\n')[0] ?? 'no reason given' };
  }
}

/**
 * Why this test cannot be run from `root`; undefined when it can. The path came from somebody else: it must name a
 * file inside, links followed.
 */
export async function refuseTest(root: string, testPath: string): Promise<string | undefined> {
  if (isOutside(relative(root, join(root, testPath))))
    return `the test path ${testPath} leads out of the workspace`;
  const real = await realpath(join(root, testPath)).catch(() => undefined);
  if (real === undefined) return `there is no test file ${testPath} in the agent's workspace`;
  if (isOutside(relative(await realpath(root), real)))
    return `the test path ${testPath} leads out of the workspace`;
  return (await stat(real)).isFile() ? undefined : `${testPath} is not a file`;
}

const isOutside = (path: string): boolean => path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);

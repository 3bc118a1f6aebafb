import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep, win32 } from 'node:path';
import { cutText, oneLine } from '../../protocol/clean-text.ts';
import { TestPath } from '../../protocol/shapes/common.ts';
import { readHead } from './read-head.ts';

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

/**
 * Why this test cannot be run from `root`; undefined when it can. The path came from somebody else: it must be one that
 * a submit may name, and name a file inside, links followed.
 */
export async function refuseTest(root: string, testPath: string): Promise<string | undefined> {
  const { error } = TestPath.safeParse(testPath);
  const shown = cutText(oneLine(testPath), 200);
  if (error) return `the test path "${shown}" cannot be: ${error.issues[0]?.message}`;
  // On one system a folder that is called `C:`, on another a disk.
  if (/^[A-Za-z]:/.test(testPath) || win32.isAbsolute(testPath)) return `the test path ${shown} names a disk`;
  const real = await realpath(join(root, testPath)).catch(() => undefined);
  if (real === undefined) return `there is no test file ${shown} in the agent's workspace`;
  if (isOutside(relative(await realpath(root), real)))
    return `the test path ${shown} leads out of the workspace`;
  return (await stat(real)).isFile() ? undefined : `${shown} is not a file`;
}

const isOutside = (path: string): boolean => path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);

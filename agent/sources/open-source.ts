import { realpath, stat } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { readHead } from '../../client/read-head.ts';
import { cutText, oneLine } from '../../protocol/clean-text.ts';
import { TestPath } from '../../protocol/shapes/common.ts';
import type { Source } from '../../protocol/shapes/run.ts';
import type { AgentConfig } from '../config.ts';
import { unsupportedSource } from '../unsupported-settings.ts';

/** The folder that holds the test code of a lease, or why there is none. */
export type OpenedSource = { readonly root: string } | { readonly rejected: string };

/**
 * Finds the test code that a lease asks for. A lease without a source means the agent's workspace as it is. Bundles and
 * git will get files of their own beside this one, which fetch into a folder and answer with it as `root`.
 */
export async function openSource(source: Source | undefined, config: AgentConfig): Promise<OpenedSource> {
  if (source !== undefined && source.kind !== 'workspace')
    return { rejected: unsupportedSource(source.kind) };
  const rejected = await refuseCommit(config.workspace, source?.sha, config.childEnv);
  return rejected === undefined ? { root: await realpath(config.workspace) } : { rejected };
}

/**
 * Why the workspace is not at the commit that a run asks for; undefined where it is, or where no commit is asked for.
 */
export async function refuseCommit(
  workspace: string,
  sha: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (sha === undefined) return undefined;
  const head = await readHead(workspace, { env });
  if ('failure' in head) {
    return `the run asks for commit ${sha}, and git cannot tell which one the agent's workspace is at: ${head.failure}`;
  }
  if (head.sha === sha) return undefined;
  return `the agent's workspace is at commit ${head.sha}, the run asks for ${sha}: check that commit out on the agent's host`;
}

/**
 * Why this test cannot be run from `root`; undefined when it can. The path came from somebody else: it must be one that
 * a submit may name, and it must name a file inside `root` after all links are followed.
 */
export async function refuseTest(root: string, testPath: string): Promise<string | undefined> {
  const { error } = TestPath.safeParse(testPath);
  const shown = cutText(oneLine(testPath), 200);
  if (error) return `the test path "${shown}" cannot be: ${error.issues[0]?.message}`;
  // `C:` is a folder on one system and a disk on another.
  if (/^[A-Za-z]:/.test(testPath) || win32.isAbsolute(testPath)) return `the test path ${shown} names a disk`;
  const real = await realpath(join(root, testPath)).catch(() => undefined);
  if (real === undefined) return `there is no test file ${shown} in the agent's workspace`;
  if (pathInside(await realpath(root), real) === undefined)
    return `the test path ${shown} leads out of the workspace`;
  return (await stat(real)).isFile() ? undefined : `${shown} is not a file`;
}

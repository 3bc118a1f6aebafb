import { realpath } from 'node:fs/promises';
import type { Source } from '../../protocol/shapes/run.ts';
import type { AgentConfig } from '../config.ts';
import { unsupportedSource } from '../unsupported.ts';
import { refuseCommit } from './workspace.ts';

/** The folder that holds the test code of a lease, or why there is none. */
export type OpenedSource = { readonly root: string } | { readonly rejected: string };

/**
 * Finds the test code that a lease asks for; a lease without a source means the agent's workspace as it is.
 * Bundles and git get their own file here, which fetches into a folder and answers that as `root`.
 */
export async function openSource(source: Source | undefined, config: AgentConfig): Promise<OpenedSource> {
  if (source !== undefined && source.kind !== 'workspace')
    return { rejected: unsupportedSource(source.kind) };
  const rejected = await refuseCommit(config.workspace, source?.sha, config.childEnv);
  return rejected === undefined ? { root: await realpath(config.workspace) } : { rejected };
}

import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { readHead } from '../../client/read-head.ts';
import { type GitOptions, runGit } from '../../client/run-git.ts';
import { cutText, oneLine } from '../../protocol/clean-text.ts';
import type { AgentConfig } from '../config.ts';
import { isGeneratedConfig } from '../frameworks/playwright/generate-config.ts';
import { type Changes, listChanges, repositoryAround } from './list-changes.ts';

export type WorkspaceSettings = Pick<
  AgentConfig,
  'workspace' | 'childEnv' | 'allowDirty' | 'dataDir' | 'settingsFile'
>;

/**
 * Why the workspace does not have the code of the commit that a run asks for: it is at another commit, or files of its
 * repository differ from it, unless the settings allow that. Undefined where it has, or where no commit is asked for.
 */
export async function refuseWorkspace(
  config: WorkspaceSettings,
  sha: string | undefined,
): Promise<string | undefined> {
  if (sha === undefined) return undefined;
  const options = { env: config.childEnv };
  const unknown = (failure: string): string =>
    `the run asks for commit ${sha}, and git cannot tell which one the agent's workspace is at: ${failure}`;
  const head = await readHead(config.workspace, options);
  if ('failure' in head) return unknown(head.failure);
  if (head.sha !== sha)
    return `the agent's workspace is at commit ${head.sha}, the run asks for ${sha}: check that commit out on the agent's host`;
  if (config.allowDirty) return undefined;
  const changed = await changesOf(config, sha, options);
  if ('failure' in changed) return unknown(changed.failure);
  return changed.paths.length === 0 ? undefined : whyDirty(changed.paths, sha);
}

const mostNamed = 5;

function whyDirty(paths: readonly string[], sha: string): string {
  const named = paths.slice(0, mostNamed).map((path) => cutText(oneLine(path), 200));
  const more = paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : '';
  return `files of the agent's workspace are not those of commit ${sha}: ${named.join(', ')}${more}. Commit, ignore or remove them, or allow it with "dirty": true in the agent's settings`;
}

/** In the whole repository. Another slot may run a file beside this one's. */
async function changesOf(config: WorkspaceSettings, sha: string, options: GitOptions): Promise<Changes> {
  const top = repositoryAround(await realpath(config.workspace));
  if (top === undefined) return { failure: 'there is no .git in it, nor above it' };
  const filters = await withoutFilters(config.workspace, options);
  if ('failure' in filters) return filters;
  const except = await ownPaths(top, config);
  const changes = await listChanges({ top, sha }, { filters: filters.words, except }, options);
  if ('failure' in changes) return changes;
  return { paths: changes.paths.filter((path) => path !== '' && !isGeneratedConfig(basename(path))) };
}

/** The agent's own files usually lie in the workspace. */
async function ownPaths(top: string, { dataDir, settingsFile }: WorkspaceSettings): Promise<string[]> {
  const folder = await realpath(dirname(settingsFile)).catch(() => dirname(settingsFile));
  const names = [basename(dirname(dataDir)), basename(settingsFile)];
  return names
    .map((name) => pathInside(top, join(folder, name)))
    .flatMap((path) => (path === undefined ? [] : [`:(top,exclude,literal)${path}`]));
}

/**
 * Words that turn the filters off which the repository's own settings name: to compare a file git would run them. Those of
 * the user's settings (git-lfs) stay.
 */
async function withoutFilters(
  workspace: string,
  options: GitOptions,
): Promise<{ readonly words: readonly string[] } | { readonly failure: string }> {
  const answer = await runGit(workspace, ['config', '--show-scope', '--name-only', '-z', '--list'], options);
  if ('failure' in answer) return answer;
  const fields = answer.stdout.split('\0');
  const own = fields.filter(
    (_, index) => index % 2 === 1 && !/^(system|global|command)$/.test(fields[index - 1] ?? ''),
  );
  const drivers = new Set(own.flatMap((name) => /^filter\.(.*)\.[^.]*$/s.exec(name)?.[1] ?? []));
  const odd = [...drivers].find((driver) => driver.includes('='));
  if (odd !== undefined) return { failure: `its settings name a filter ${cutText(oneLine(odd), 100)}` };
  const settings = [...drivers].flatMap((driver) =>
    ['clean=', 'smudge=', 'process=', 'required=false'].map((setting) => `filter.${driver}.${setting}`),
  );
  return { words: settings.flatMap((setting) => ['-c', setting]) };
}

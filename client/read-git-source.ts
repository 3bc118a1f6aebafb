import { pathToFileURL } from 'node:url';
import { QgjobError } from '../protocol/errors.ts';
import type { Source } from '../protocol/shapes/origin.ts';
import { shortHash } from '../protocol/words.ts';
import { readHead } from './read-head.ts';
import { type GitOptions, runGit } from './run-git.ts';

export interface GitSource {
  readonly source: Extract<Source, { kind: 'git' }>;
  /** Tracked files are not as the commit has them. */
  readonly isChanged: boolean;
}

/**
 * The commit that a folder is at, which agents fetch by themselves from the remote `origin`; its address without
 * credentials. `tests` are relative to the folder. Errors: `invalid` where git fails, there is no `origin`, or the commit
 * does not have a test.
 */
export async function readGitSource(
  folder: string,
  tests: readonly string[],
  options: GitOptions,
): Promise<GitSource> {
  const ask = async (...words: string[]): Promise<string> => {
    const answer = await runGit(folder, words, options);
    if ('stdout' in answer) return answer.stdout;
    throw refused(`git cannot read the commit of ${folder}: ${answer.failure}`);
  };
  const head = await readHead(folder, options);
  if ('failure' in head) throw refused(`git cannot read the commit of ${folder}: ${head.failure}`);
  const [prefix, remote, names, changes] = await Promise.all([
    ask('rev-parse', '--show-prefix'),
    runGit(folder, ['config', '--get', 'remote.origin.url'], options),
    ask('ls-tree', '-r', '-z', '--name-only', head.sha),
    ask('status', '--porcelain', '--untracked-files=no'),
  ]);
  const repository = 'stdout' in remote ? addressOf(remote.stdout.trim()) : '';
  if (repository === '')
    throw refused('this repository has no remote "origin" that agents could fetch from; use source bundle');
  const committed = new Set(names.split('\0'));
  const missing = tests.find((test) => !committed.has(test));
  if (missing !== undefined)
    throw refused(`the commit ${shortHash(head.sha)} does not have the test ${missing}: commit and push it`);
  const subdir = prefix.replace(/\/?\r?\n$/, '');
  const source = { kind: 'git', repository, sha: head.sha, ...(subdir !== '' && { subdir }) } as const;
  return { source, isChanged: changes.trim() !== '' };
}

/** Agents have credentials of their own: those of this machine stay here. */
function addressOf(remote: string): string {
  if (remote.startsWith('/')) return pathToFileURL(remote).href;
  if (!URL.canParse(remote) || !/^(https?|ssh):\/\//.test(remote)) return remote;
  const url = new URL(remote);
  url.password = '';
  // Over ssh the name is that of the way in, `git`.
  if (url.protocol !== 'ssh:') url.username = '';
  return url.href;
}

const refused = (message: string): QgjobError => new QgjobError('invalid', message);

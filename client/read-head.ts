import { type GitOptions, runGit } from './run-git.ts';

/** The commit that a folder is at, or why git cannot tell it, in one line. */
export async function readHead(
  folder: string,
  options: GitOptions,
): Promise<{ readonly sha: string } | { readonly failure: string }> {
  const answer = await runGit(folder, ['rev-parse', '--verify', 'HEAD^{commit}'], options);
  if ('failure' in answer) return answer;
  const sha = answer.stdout.trim();
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) ? { sha } : { failure: 'its answer is no commit' };
}

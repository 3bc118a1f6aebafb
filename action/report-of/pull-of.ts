import type { GithubApi } from '../github/open-github.ts';
import type { Submitted } from './find-runs.ts';
import type { Tested } from './read-tested.ts';

interface Pull {
  readonly head?: { readonly sha?: string };
}

/**
 * The number of the pull request that a run says to be of, where GitHub says that this pull request stands at the tested commit.
 * Undefined: it says none, or a newer push has come. Errors: those of `api`.
 */
export async function pullOf(
  api: GithubApi,
  { github }: Submitted,
  tested: Tested,
): Promise<number | undefined> {
  const { pr_number: number } = github;
  if (number === undefined) return undefined;
  const pull = await api.retry(() =>
    api.once<Pull>('GET /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number: number }),
  );
  return pull.head?.sha === tested.headSha ? number : undefined;
}

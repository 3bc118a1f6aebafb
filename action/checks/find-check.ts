import { findInPages, type GithubApi } from '../github/open-github.ts';

/** A check run of ours. */
export interface CheckKey {
  readonly name: string;
  /** The commit that it is shown at. */
  readonly sha: string;
  /** Run and target: no other check run has it. */
  readonly externalId: string;
}

/** A check run as GitHub answers it; more is in it. */
export interface CheckAnswer {
  readonly id: number;
  readonly status: string;
  readonly external_id?: string | null;
  readonly output?: { readonly annotations_count?: number };
}

interface CheckList {
  readonly check_runs: readonly CheckAnswer[];
}

/** One try to find it by its name and id. */
export function findCheck(
  api: GithubApi,
  { name, sha, externalId }: CheckKey,
): Promise<CheckAnswer | undefined> {
  return findInPages(
    api,
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    { ref: sha, check_name: name, filter: 'all' },
    {
      of: (answer) => (answer as CheckList).check_runs ?? [],
      find: (page) => page.find((check) => check.external_id === externalId),
    },
  );
}

/**
 * Creates a check run once: after an answer that never came it is looked for first. `mayExist`: a try of before may have
 * made it.
 */
export function createCheck(
  api: GithubApi,
  key: CheckKey,
  body: object,
  mayExist = false,
): Promise<CheckAnswer> {
  let isUncertain = mayExist;
  return api.retry(async () => {
    const found = isUncertain ? await findCheck(api, key) : undefined;
    if (found !== undefined) return found;
    isUncertain = true;
    const { name, sha, externalId } = key;
    const asked = { name, head_sha: sha, external_id: externalId, ...body };
    return api.once<CheckAnswer>('POST /repos/{owner}/{repo}/check-runs', asked);
  });
}

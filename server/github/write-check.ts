import { type GithubApp, pathOf, type Repository } from './github-app.ts';
import { expected } from './github-call.ts';

export interface CheckTarget {
  readonly repository: Repository;
  readonly sha: string;
  readonly name: string;
  /** No other check run has it. */
  readonly externalId: string;
  readonly url: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** What a check run says in the end. */
export interface CheckEnd {
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'cancelled';
  readonly completedAt: string;
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
}

interface CheckAnswer {
  readonly id: number;
  readonly status: string;
  readonly external_id?: string | null;
}

const perPage = 100;

/**
 * Brings a check run to the state that it should have: in progress, or ended. It is looked for before it is created, so that
 * a server that was killed after any call makes no second one. `knownId`: it was found before. Answers its id.
 */
export async function writeCheck(
  app: GithubApp,
  target: CheckTarget,
  end: CheckEnd | undefined,
  knownId: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { repository } = target;
  const at = `${pathOf(repository.name)}/check-runs`;
  const id = knownId ?? (await findCheck(app, target, signal))?.id;
  const ended = end && {
    ...{ status: 'completed', conclusion: end.conclusion, completed_at: end.completedAt },
    output: { title: end.title, summary: end.summary },
  };
  if (id !== undefined) {
    if (ended) await app.call(repository, { method: 'PATCH', path: `${at}/${id}`, body: ended, signal });
    return id;
  }
  const body = {
    ...{ name: target.name, head_sha: target.sha, external_id: target.externalId },
    ...{ details_url: target.url, started_at: target.startedAt, status: 'in_progress', ...ended },
  };
  const made = await app.call<CheckAnswer>(repository, { method: 'POST', path: at, body, signal });
  return expected(made.id, Number.isSafeInteger(made.id), 'id of a check run');
}

async function findCheck(
  app: GithubApp,
  { repository, sha, name, externalId }: CheckTarget,
  signal: AbortSignal,
): Promise<CheckAnswer | undefined> {
  for (let page = 1; ; page += 1) {
    const query = new URLSearchParams({
      ...{ check_name: name, filter: 'all', per_page: String(perPage), page: String(page) },
    });
    const path = `${pathOf(repository.name)}/commits/${sha}/check-runs?${query}`;
    const answer = await app.call<{ check_runs: CheckAnswer[] }>(repository, { method: 'GET', path, signal });
    const found = expected(answer.check_runs, Array.isArray(answer.check_runs), 'list of check runs');
    const ours = found.find((one) => one.external_id === externalId);
    if (ours || found.length < perPage) return ours;
  }
}

import { type GithubApp, pathOf, type Repository } from './github-app.ts';
import { expected } from './github-call.ts';

interface PullAnswer {
  readonly head: { readonly sha: string };
}

/** The commit at which a pull request stands at this moment. Errors: GithubError, also where the App may not read it. */
export async function readPullHead(
  app: GithubApp,
  repository: Repository,
  number: number,
  signal: AbortSignal,
): Promise<string> {
  const path = `${pathOf(repository.name)}/pulls/${number}`;
  const answer = await app.call<PullAnswer>(repository, { method: 'GET', path, signal });
  return expected(answer, typeof answer?.head?.sha === 'string', 'pull request').head.sha;
}

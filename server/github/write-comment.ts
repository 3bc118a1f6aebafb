import { type GithubApp, pathOf, type Repository } from './github-app.ts';
import { expected, GithubError } from './github-call.ts';

export interface CommentPlace {
  readonly repository: Repository;
  /** Number of the pull request. */
  readonly issue: number;
  /** The first line of the comment. */
  readonly marker: string;
}

/** A comment of ours, as GitHub has it. */
export interface FoundComment {
  readonly id: number;
  readonly body: string;
}

interface CommentAnswer {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly login: string; readonly type: string } | null;
}

const perPage = 100;

/** The oldest comment with this marker that our App has written: the marker alone anybody can write. Errors: GithubError. */
export async function findComment(
  app: GithubApp,
  { repository, issue, marker }: CommentPlace,
  signal: AbortSignal,
): Promise<FoundComment | undefined> {
  const login = await app.botLogin(repository, signal);
  for (let page = 1; ; page += 1) {
    const path = `${pathOf(repository.name)}/issues/${issue}/comments?per_page=${perPage}&page=${page}`;
    const answer = await app.call<CommentAnswer[]>(repository, { method: 'GET', path, signal });
    const found = expected(answer, Array.isArray(answer), 'list of comments');
    const ours = found.find(
      ({ body, user }) => body?.startsWith(marker) && user?.type === 'Bot' && user.login === login,
    );
    if (ours) return { id: ours.id, body: ours.body ?? '' };
    if (found.length < perPage) return undefined;
  }
}

/** Errors: GithubError. */
export async function createComment(
  app: GithubApp,
  { repository, issue }: CommentPlace,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  const path = `${pathOf(repository.name)}/issues/${issue}/comments`;
  const made = await app.call<CommentAnswer>(repository, { method: 'POST', path, body: { body }, signal });
  return expected(made.id, Number.isSafeInteger(made.id), 'id of a comment');
}

/** False: somebody has deleted it. Errors: GithubError. */
export async function updateComment(
  app: GithubApp,
  { repository }: CommentPlace,
  id: number,
  body: string,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `${pathOf(repository.name)}/issues/comments/${id}`;
  try {
    await app.call<CommentAnswer>(repository, { method: 'PATCH', path, body: { body }, signal });
    return true;
  } catch (error) {
    if (error instanceof GithubError && (error.status === 404 || error.status === 410)) return false;
    throw error;
  }
}

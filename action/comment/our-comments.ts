import type { GithubApi } from '../github/open-github.ts';

export interface User {
  readonly login: string;
  readonly type: string;
}

export type IsOurs = (user: User | null) => boolean;

/** A comment as GitHub answers it; more is in it. */
export interface CommentAnswer {
  readonly id: number;
  readonly body?: string;
  readonly user: User | null;
}

const bare = (login: string): string => login.replace(/\[bot\]$/, '');

/** Whether this is who our token acts as. GitHub names a bot with and without `[bot]`; a person can have neither. */
export const isSameUser =
  (login: string): IsOurs =>
  (user) =>
    user !== null && (user.login === login || (user.type === 'Bot' && bare(user.login) === bare(login)));

/** The comments with this marker that our account has written, the oldest first: the marker alone anybody can write. */
export async function ourComments(
  api: GithubApi,
  issue: number,
  marker: string,
  isOurs: IsOurs,
): Promise<CommentAnswer[]> {
  const found: CommentAnswer[] = [];
  for (let page = 1; ; page += 1) {
    const asked = { issue_number: issue, per_page: 100, page };
    const answer = await api.retry(() =>
      api.once<CommentAnswer[]>('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', asked),
    );
    found.push(...answer.filter(({ body, user }) => body?.startsWith(marker) && isOurs(user)));
    if (answer.length < 100) return found.sort((a, b) => a.id - b.id);
  }
}

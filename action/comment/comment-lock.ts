import { QgjobError } from '../../protocol/errors.ts';
import type { GithubApi } from '../github/open-github.ts';
import type { IsOurs, User } from './our-comments.ts';

interface Reaction {
  readonly id: number;
  readonly content: string;
  readonly user: User | null;
}

export interface LockOptions {
  readonly isOurs: IsOurs;
  /** About how long to wait before looking again, in ms. */
  readonly pauseMs: number;
  /** A lock that was seen for this time belongs to a step that was killed, in ms. */
  readonly staleMs: number;
  /** When each lock was first seen, by its id: also by tries of before that gave up. */
  readonly seen: Map<number, number>;
  /** Gives up after this time, in ms; without it, when the time of the calls is over. */
  readonly patienceMs?: number;
}

const content = 'eyes';
const route = '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';

/**
 * Runs `body` while no other step writes this comment. GitHub has no compare-and-swap for a comment, but one account has
 * one reaction of each kind, and creating it says whether it is new: that is the lock, shown as eyes while it is held.
 * Where the token may write no reactions, `body` runs without it: its own reading back is what is left then. Undefined: somebody
 * else held it for longer than `patienceMs`.
 */
export async function withLock<T>(
  api: GithubApi,
  comment: number,
  options: LockOptions,
  body: () => Promise<T>,
): Promise<T | undefined> {
  const lock = await takeLock(api, comment, options).catch((error: unknown) => {
    // GitHub may say that there is no such thing where it means that the token may not. A comment that is gone finds `body`.
    if (isGone(error) || (error instanceof QgjobError && ['forbidden', 'invalid'].includes(error.code)))
      return 'none' as const;
    throw error;
  });
  if (lock === 'busy') return undefined;
  try {
    return await body();
  } finally {
    // One that stays is stale for the next.
    if (lock !== 'none') await dropLock(api, comment, lock).catch(() => undefined);
  }
}

export const isGone = (error: unknown): boolean => error instanceof QgjobError && error.code === 'not_found';

async function takeLock(
  api: GithubApi,
  comment: number,
  { isOurs, pauseMs, staleMs, seen, patienceMs = Number.POSITIVE_INFINITY }: LockOptions,
): Promise<number | 'busy'> {
  const end = performance.now() + patienceMs;
  for (;;) {
    // Reads are cheap for GitHub's limits, writes are not: so it is looked at before it is taken.
    const held = await heldBy(api, comment, isOurs);
    const taken = held === undefined ? await tryLock(api, comment) : undefined;
    if (taken !== undefined) return taken;
    if (held !== undefined) {
      const since = seen.get(held) ?? performance.now();
      seen.set(held, since);
      if (performance.now() - since > staleMs) await dropLock(api, comment, held);
    }
    if (performance.now() > end) return 'busy';
    await api.wait(pauseMs * (0.5 + Math.random()));
  }
}

async function heldBy(api: GithubApi, comment: number, isOurs: IsOurs): Promise<number | undefined> {
  const asked = { comment_id: comment, content, per_page: 100 };
  const found = await api.retry(() => api.once<readonly Reaction[]>(`GET ${route}`, asked));
  return found.find((reaction) => reaction.content === content && isOurs(reaction.user))?.id;
}

/** GitHub answers 201 to the one whose reaction is new, and 200 to all others of this account. */
async function tryLock(api: GithubApi, comment: number): Promise<number | undefined> {
  const asked = { comment_id: comment, content };
  const { status, data } = await api.retry(() => api.answer<Reaction>(`POST ${route}`, asked));
  return status === 201 ? data.id : undefined;
}

async function dropLock(api: GithubApi, comment: number, reaction: number): Promise<void> {
  const asked = { comment_id: comment, reaction_id: reaction };
  await api
    .retry(() => api.once(`DELETE ${route}/{reaction_id}`, asked))
    .catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
}

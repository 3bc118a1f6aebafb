import { renderComment } from '../../report/render-comment.ts';
import { isNewer, mergeSections, readSections, type Section, takesPlace } from '../../report/sections.ts';
import type { GithubApi } from '../github/open-github.ts';
import { isGone, type LockOptions, withLock } from './comment-lock.ts';
import { type CommentAnswer, isSameUser, ourComments } from './our-comments.ts';

export interface CommentOptions {
  /** Number of the pull request. */
  readonly issue: number;
  readonly marker: string;
  /** Markdown. */
  readonly title: string;
  readonly section: Section;
  readonly policy: 'failures' | 'always' | 'changes';
  /** Of the lock, in ms; a lock is stale after 45 s. */
  readonly pauseMs?: number;
  readonly staleMs?: number;
  /** How long a try waits for the lock of a younger comment; 5 s. */
  readonly patienceMs?: number;
}

// All of a step's calls under the lock end before others take it for stale.
const underLockMs = 25_000;

interface Writer extends CommentOptions {
  readonly api: GithubApi;
  readonly lock: LockOptions;
  readonly patienceMs: number;
  readonly list: (api: GithubApi) => Promise<CommentAnswer[]>;
}

/**
 * Writes this step's section into the one comment of the workflow, beside those of other steps, which may be writing at
 * the same time. It has ended when one comment was read back that has the section, or has no room for it. Errors:
 * `forbidden`; `unavailable`, also when the time of `api` is over.
 */
export async function writeComment(api: GithubApi, options: CommentOptions): Promise<void> {
  const isOurs = isSameUser(await api.login());
  const { pauseMs = 1000, staleMs = 45_000, patienceMs = 5000, issue, marker } = options;
  const writer: Writer = {
    ...options,
    api,
    patienceMs,
    lock: { isOurs, pauseMs, staleMs, seen: new Map() },
    list: (by) => ourComments(by, issue, marker, isOurs),
  };
  let hasRoom = true;
  for (let looks = 0; ; looks += 1) {
    // Ends by an error where no time is left: a write that has no effect could be made for ever.
    await api.wait(1);
    const comments = await writer.list(api);
    if (isDone(writer, comments, hasRoom)) return;
    const [oldest] = comments;
    if (oldest !== undefined)
      hasRoom = (await withLock(api, oldest.id, writer.lock, () => writeInto(writer, oldest.id))) ?? true;
    // Many legs that end at once make one comment: all but the first find it when they look again.
    else if (looks === 0) await api.wait(pauseMs * 2 * Math.random());
    else await create(writer);
  }
}

/** Whether nothing is left to do: the section is there, a newer one is, none is wanted, or the comment is full. */
function isDone({ section, policy }: Writer, comments: readonly CommentAnswer[], hasRoom: boolean): boolean {
  const [comment, ...more] = comments;
  if (comment === undefined) return section.result === 'passed' && policy !== 'always';
  if (more.length > 0) return false;
  if (!hasRoom) return true;
  const sections = readSections(comment.body ?? '');
  const had = sections.find(({ key }) => key === section.key);
  if (sections.some(({ stamp }) => isNewer({ ...stamp, attempt: 0 }, { ...section.stamp, attempt: 0 })))
    return true;
  // Of one attempt: this step's own, or that of one that looks like it, whose failure stays.
  const isThere = had !== undefined && (had.result === section.result || !takesPlace(section, had));
  if (isThere && !isNewer(section.stamp, had.stamp)) return true;
  return policy === 'changes' && (had?.result ?? 'passed') === section.result;
}

/**
 * With the lock on the oldest comment: adds the section, and those of younger comments, which go. False: it was written,
 * and the section had to be left out of it.
 */
async function writeInto(writer: Writer, oldest: number): Promise<boolean> {
  const api = writer.api.within(underLockMs);
  const [first, ...younger] = await writer.list(api);
  if (first?.id !== oldest) return true;
  const other = younger[0];
  if (other === undefined) return update(writer, api, first, []);
  // One at a time, oldest first, so that two steps never wait for each other.
  // Its lock may be one that a killed step left, which is stale only after longer than this one may be held: it is seen for
  // a while, and seen again by the next try.
  const lock = { ...writer.lock, patienceMs: writer.patienceMs };
  const hasRoom = await withLock(api, other.id, lock, async () => {
    const now = (await writer.list(api)).find(({ id }) => id === other.id);
    if (now === undefined) return true;
    const hadRoom = await update(writer, api, first, readSections(now.body ?? ''));
    await api.retry(() => api.once(route('DELETE'), { comment_id: other.id })).catch(unlessGone);
    return hadRoom;
  });
  return hasRoom ?? true;
}

/** False: it was written without the section, for which there was no room. */
async function update(
  { marker, title, section }: Writer,
  api: GithubApi,
  comment: CommentAnswer,
  more: readonly Section[],
): Promise<boolean> {
  const sections = mergeSections(readSections(comment.body ?? ''), more, [section]);
  const asked = { comment_id: comment.id, body: renderComment(marker, title, sections) };
  const isGoneNow = (await api.retry(() => api.once(route('PATCH'), asked)).catch(unlessGone)) === undefined;
  return isGoneNow || readSections(asked.body).some(({ key }) => key === section.key);
}

const route = (verb: string): string => `${verb} /repos/{owner}/{repo}/issues/comments/{comment_id}`;

function unlessGone(error: unknown): void {
  if (!isGone(error)) throw error;
}

/** One try alone: after an answer that never came, the next look finds the comment if there is one. */
async function create({ api, issue, marker, title, section, list }: Writer): Promise<void> {
  const body = renderComment(marker, title, [section]);
  let isFirst = true;
  await api.retry(async () => {
    if (!isFirst && (await list(api)).length > 0) return;
    isFirst = false;
    await api.once('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: issue,
      body,
    });
  });
}

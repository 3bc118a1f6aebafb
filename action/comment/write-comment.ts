import type { GithubApi } from '../github/open-github.ts';
import { isGone, type LockOptions, withLock } from './comment-lock.ts';
import { type CommentAnswer, isSameUser, ourComments } from './our-comments.ts';
import { isNewer, mergeSections, readSections, renderComment, type Section } from './sections.ts';

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
}

// All of a step's calls under the lock end before others take it for stale.
const underLockMs = 25_000;

interface Writer extends CommentOptions {
  readonly api: GithubApi;
  readonly lock: LockOptions;
  readonly list: (api: GithubApi) => Promise<CommentAnswer[]>;
}

/**
 * Writes this step's section into the one comment of the workflow, beside those of other steps, which may be writing at
 * the same time. It has ended when one comment was read back that has the section. Errors: `forbidden`; `unavailable`.
 */
export async function writeComment(api: GithubApi, options: CommentOptions): Promise<void> {
  const isOurs = isSameUser(await api.login());
  const { pauseMs = 1000, staleMs = 45_000, issue, marker } = options;
  const writer: Writer = {
    ...options,
    api,
    lock: { isOurs, pauseMs, staleMs },
    list: (by) => ourComments(by, issue, marker, isOurs),
  };
  for (let looks = 0; ; looks += 1) {
    const comments = await writer.list(api);
    if (isDone(writer, comments)) return;
    const [oldest] = comments;
    if (oldest !== undefined) await withLock(api, oldest.id, writer.lock, () => writeInto(writer, oldest.id));
    // Many legs that end at once make one comment: all but the first find it when they look again.
    else if (looks === 0) await api.wait(pauseMs * 2 * Math.random());
    else await create(writer);
  }
}

/** Whether nothing is left to do: the section is there, a newer one is, or none is wanted. */
function isDone({ section, policy }: Writer, comments: readonly CommentAnswer[]): boolean {
  const [comment, ...more] = comments;
  if (comment === undefined) return section.result === 'passed' && policy !== 'always';
  if (more.length > 0) return false;
  const sections = readSections(comment.body ?? '');
  const had = sections.find(({ key }) => key === section.key);
  if (sections.some(({ stamp }) => isNewer({ ...stamp, attempt: 0 }, { ...section.stamp, attempt: 0 })))
    return true;
  if (had !== undefined && !isNewer(section.stamp, had.stamp)) return true;
  return policy === 'changes' && (had?.result ?? 'passed') === section.result;
}

/** With the lock on the oldest comment: adds the section, and those of younger comments, which go. */
async function writeInto(writer: Writer, oldest: number): Promise<void> {
  const api = writer.api.within(underLockMs);
  const [first, ...younger] = await writer.list(api);
  if (first?.id !== oldest) return;
  const other = younger[0];
  if (other === undefined) return update(writer, api, first, []);
  // One at a time, oldest first, so that two steps never wait for each other.
  await withLock(api, other.id, writer.lock, async () => {
    const now = (await writer.list(api)).find(({ id }) => id === other.id);
    if (now === undefined) return;
    await update(writer, api, first, readSections(now.body ?? ''));
    await api.retry(() => api.once(route('DELETE'), { comment_id: other.id })).catch(unlessGone);
  });
}

async function update(
  { marker, title, section }: Writer,
  api: GithubApi,
  comment: CommentAnswer,
  more: readonly Section[],
): Promise<void> {
  const sections = mergeSections(readSections(comment.body ?? ''), more, [section]);
  const asked = { comment_id: comment.id, body: renderComment(marker, title, sections) };
  await api.retry(() => api.once(route('PATCH'), asked)).catch(unlessGone);
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

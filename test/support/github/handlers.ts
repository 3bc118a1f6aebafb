import type { Context } from 'openapi-backend';
import { installationJson } from './app.ts';
import type { TokenRights } from './fake-github.ts';
import type { CheckBody, GithubStore } from './store.ts';
import { checkJson, commentJson, reactionJson } from './wire.ts';

export interface Made {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Asked {
  readonly store: GithubStore;
  readonly rights: TokenRights;
  readonly context: Context;
}

const notFound: Made = { status: 404, body: { message: 'Not Found' } };
const numberOf = ({ context }: Asked, name: string): number => Number(context.request.params[name]);
const bodyOf = <T>({ context }: Asked): T => context.request.requestBody as T;

/** One page of a list, with the number of all. */
function pageOf<T>({ context }: Asked, all: readonly T[]): readonly T[] {
  const { per_page: size = 30, page = 1 } = context.request.query as Record<string, string>;
  const first = (Number(page) - 1) * Number(size);
  return all.slice(first, first + Number(size));
}

/** Each operation of GitHub that this one has. */
export const handlers: Readonly<Record<string, (asked: Asked) => Made>> = {
  'apps/get-repo-installation'({ rights: { app }, context }) {
    if (app === undefined) return { status: 401, body: { message: 'A JSON web token could not be decoded' } };
    const { owner, repo } = context.request.params;
    return app.installedIn.has(`${owner}/${repo}`) ? { status: 200, body: installationJson() } : notFound;
  },
  'apps/create-installation-access-token'({ rights: { app, mint }, context }) {
    if (app === undefined || !mint)
      return { status: 401, body: { message: 'A JSON web token could not be decoded' } };
    const { repository_ids: ids = [] } = context.request.requestBody as { repository_ids?: number[] };
    app.asked.push(...ids);
    const expires = new Date(Date.now() + app.lifeMs).toISOString();
    return { status: 201, body: { token: mint(), expires_at: expires, permissions: { checks: 'write' } } };
  },
  'checks/create'(asked) {
    return { status: 201, body: checkJson(asked.store.createCheck(bodyOf<CheckBody>(asked))) };
  },
  'checks/get'(asked) {
    const check = asked.store.checks.find(({ id }) => id === numberOf(asked, 'check_run_id'));
    return check === undefined ? notFound : { status: 200, body: checkJson(check) };
  },
  'checks/update'(asked) {
    const check = asked.store.updateCheck(numberOf(asked, 'check_run_id'), bodyOf<CheckBody>(asked));
    return check === undefined ? notFound : { status: 200, body: checkJson(check) };
  },
  'checks/list-for-ref'(asked) {
    const { ref } = asked.context.request.params;
    const { check_name: name } = asked.context.request.query as Record<string, string>;
    const found = asked.store.checks.filter(
      (check) => check.head_sha === ref && (name === undefined || check.name === name),
    );
    const page = pageOf(asked, found).map(checkJson);
    return { status: 200, body: { total_count: found.length, check_runs: page } };
  },
  'issues/list-comments'(asked) {
    const found = asked.store.comments.filter(({ issue }) => issue === numberOf(asked, 'issue_number'));
    return { status: 200, body: pageOf(asked, found).map(commentJson) };
  },
  'issues/create-comment'(asked) {
    const { body } = bodyOf<{ body: string }>(asked);
    const made = asked.store.createComment(numberOf(asked, 'issue_number'), asked.rights.login, body);
    return { status: 201, body: commentJson(made) };
  },
  'issues/get-comment'(asked) {
    const found = asked.store.comment(numberOf(asked, 'comment_id'));
    return found === undefined ? notFound : { status: 200, body: commentJson(found) };
  },
  'issues/update-comment'(asked) {
    const { body } = bodyOf<{ body: string }>(asked);
    const made = asked.store.updateComment(numberOf(asked, 'comment_id'), body);
    return made === undefined ? notFound : { status: 200, body: commentJson(made) };
  },
  'issues/delete-comment': (asked) =>
    asked.store.deleteComment(numberOf(asked, 'comment_id')) ? { status: 204 } : notFound,
  'pulls/get'(asked) {
    const number = numberOf(asked, 'pull_number');
    const sha = asked.store.pulls.get(number);
    return sha === undefined ? notFound : { status: 200, body: { number, head: { sha } } };
  },
  'reactions/list-for-issue-comment'(asked) {
    const found = asked.store.comment(numberOf(asked, 'comment_id'));
    if (found === undefined) return notFound;
    return { status: 200, body: pageOf(asked, found.reactions).map(reactionJson) };
  },
  'reactions/create-for-issue-comment'(asked) {
    const { content } = bodyOf<{ content: string }>(asked);
    const made = asked.store.react(numberOf(asked, 'comment_id'), asked.rights.login, content);
    if (made === undefined) return notFound;
    return { status: made.isNew ? 201 : 200, body: reactionJson(made.reaction) };
  },
  'reactions/delete-for-issue-comment': (asked) =>
    asked.store.deleteReaction(numberOf(asked, 'comment_id'), numberOf(asked, 'reaction_id'))
      ? { status: 204 }
      : notFound,
};

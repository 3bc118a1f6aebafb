import type { Check, Comment, Reaction } from './store.ts';

const at = '2026-01-01T00:00:00Z';
const site = 'https://github.example.com';

/** A check run as GitHub tells it. */
export function checkJson(check: Check): object {
  const { output } = check;
  return {
    id: check.id,
    node_id: `CR_${check.id}`,
    name: check.name,
    head_sha: check.head_sha,
    external_id: check.external_id ?? '',
    url: `${site}/api/check-runs/${check.id}`,
    html_url: `${site}/acme/app/runs/${check.id}`,
    details_url: check.details_url ?? `${site}/acme/app/runs/${check.id}`,
    status: check.status,
    conclusion: check.conclusion ?? null,
    started_at: check.started_at ?? at,
    completed_at: check.completed_at ?? null,
    check_suite: { id: 5 },
    app: null,
    pull_requests: [],
    output: {
      title: output?.title ?? null,
      summary: output?.summary ?? null,
      text: output?.text ?? null,
      annotations_count: check.annotations.length,
      annotations_url: `${site}/api/check-runs/${check.id}/annotations`,
    },
  };
}

export const commentJson = (comment: Comment): object => ({
  id: comment.id,
  node_id: `IC_${comment.id}`,
  body: comment.body,
  user: userJson(comment.login),
  url: `${site}/api/issues/comments/${comment.id}`,
  html_url: `${site}/acme/app/pull/${comment.issue}#issuecomment-${comment.id}`,
  issue_url: `${site}/api/issues/${comment.issue}`,
  created_at: at,
  updated_at: at,
});

export const reactionJson = ({ id, login, content, createdAt }: Reaction): object => ({
  ...{ id, node_id: `REA_${id}`, content, created_at: createdAt },
  user: userJson(login),
});

function userJson(login: string): object {
  const url = `${site}/api/users/${encodeURIComponent(login)}`;
  const urls = ['events', 'followers', 'following', 'gists', 'organizations', 'received_events', 'repos'];
  return {
    ...{ login, id: 7, node_id: 'U_7', gravatar_id: '', site_admin: false },
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    ...{ url, html_url: url, avatar_url: url, starred_url: url, subscriptions_url: url },
    ...Object.fromEntries(urls.map((name) => [`${name}_url`, url])),
  };
}

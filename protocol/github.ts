/** Rules for repositories of GitHub that are bound to an org, and what GitHub proves about a workflow. */

/**
 * The events of a binding that names none. All of them need write access to the repository: a pull request of a fork gets
 * no OIDC token from GitHub, unless the repository's owner has switched that on. Not in it is what anybody can set off
 * (comments, issues, `fork`, `watch`) and what runs with the rights of the repository after such an event
 * (`pull_request_target`, `workflow_run`).
 */
export const trustedEvents = [
  'push',
  'pull_request',
  'merge_group',
  'workflow_dispatch',
  'schedule',
  'release',
] as const;

/**
 * Events whose workflows run on any target: only who may write to the repository sets them off, and what they run is code of it.
 * Of `pull_request` that is true since a fork has neither a secret nor an OIDC token. All other events, also those that GitHub adds
 * some day, may run code that nobody has approved: anybody sets them off (comments, reviews, `fork`, `watch`), they follow such
 * an event with the rights of the repository (`pull_request_target`, `workflow_run`), or an app reports them of any commit
 * (`check_run`, `check_suite`, `status`, `deployment`, `deployment_status`).
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export const writersEvents = [...trustedEvents, 'repository_dispatch', 'create'] as const;

/** What a repository may be allowed. Not `admin`, whose tokens outlive it, and not `agent`. */
export const repositoryScopes = ['submit', 'read'] as const;
export type RepositoryScope = (typeof repositoryScopes)[number];

/** GitHub's id of a repository or an owner: it stays the same when the name changes, and is never given again. */
export const githubIdPattern = /^[1-9]\d{0,18}$/;

export const eventPattern = /^[a-z][a-z_]{0,49}$/;

/** A ref as GitHub writes it, in which `*` stands for any characters. */
export const refPattern = /^refs\/[\x21-\x7e]{1,250}$/;

/** What GitHub proves about the workflow that calls; each of them is a claim of its OIDC token. */
export interface GithubFacts {
  /** `owner/name`, as it is at this moment; the ids decide. */
  readonly repository: string;
  readonly repository_id: string;
  readonly repository_owner_id: string;
  readonly run_id: string;
  readonly run_attempt: number;
  readonly event_name: string;
  readonly ref: string;
  /** For a pull request the merge commit. */
  readonly sha: string;
  /** The name of the workflow. */
  readonly workflow?: string | undefined;
  /** The branch that a pull request goes to. */
  readonly base_ref?: string | undefined;
  readonly check_run_id?: string | undefined;
}

/** The pull request that these facts are about: only the merge ref of one proves it. */
export function pullRequestOf({ event_name: event, ref }: GithubFacts): number | undefined {
  const [, number] = /^refs\/pull\/([1-9]\d{0,14})\/(?:merge|head)$/.exec(ref) ?? [];
  return event.startsWith('pull_request') && number !== undefined ? Number(number) : undefined;
}

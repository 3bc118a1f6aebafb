import { QgjobError } from '../../protocol/errors.ts';
import {
  eventPattern,
  githubIdPattern,
  type RepositoryScope,
  refPattern,
  repositoryScopes,
} from '../../protocol/github.ts';
import type { GithubBinding } from '../../protocol/shapes/github.ts';
import { splitCommas } from '../options.ts';

/** The binding that a command line names, and its policy. */
export interface BindingFlags {
  readonly ownerId?: string;
  readonly repositoryId?: string;
  readonly event?: readonly string[];
  readonly ref?: readonly string[];
  readonly scope?: readonly string[];
  readonly remove?: true;
}

/** True where the flags change something. Errors: `invalid` for a policy without the repository that it is for. */
export function isChange(flags: BindingFlags): boolean {
  if (flags.ownerId !== undefined) return true;
  const given = (['repositoryId', 'event', 'ref', 'scope', 'remove'] as const).find((name) => flags[name]);
  if (given === undefined) return false;
  const flag = given === 'repositoryId' ? 'repository-id' : given;
  throw new QgjobError('invalid', `--${flag}: name the owner of the repository too, with --owner-id`);
}

/**
 * The bindings of an org with the one of the flags added, in the place of that of the same repository, or without it.
 * Errors: `invalid` for a bad flag; `not_found` for one to remove that is not there; `conflict` for a repository with
 * several bindings, of which the flags cannot name one.
 */
export function changeBindings(before: readonly GithubBinding[], flags: BindingFlags): GithubBinding[] {
  const wanted = bindingOf(flags);
  const isSame = (one: GithubBinding): boolean =>
    one.repository_owner_id === wanted.repository_owner_id && one.repository_id === wanted.repository_id;
  const same = before.filter(isSame);
  if (same.length > 1) {
    throw new QgjobError(
      'conflict',
      'this repository has several bindings; set all of the org with PUT /v1/orgs/ORG/github',
    );
  }
  if (flags.remove) {
    if (same.length === 0)
      throw new QgjobError('not_found', 'there is no such binding; it may be removed already');
    return before.filter((one) => !isSame(one));
  }
  return same.length === 0 ? [...before, wanted] : before.map((one) => (isSame(one) ? wanted : one));
}

function bindingOf(flags: BindingFlags): GithubBinding {
  const events = listOf('event', flags.event, eventPattern, 'the name of an event, like pull_request');
  const refs = listOf(
    'ref',
    flags.ref,
    refPattern,
    'a whole ref: refs/heads/main, refs/tags/v*, refs/pull/*',
  );
  const scopes = scopesOf(flags.scope);
  return {
    repository_owner_id: idOf('owner-id', flags.ownerId ?? ''),
    ...(flags.repositoryId !== undefined && { repository_id: idOf('repository-id', flags.repositoryId) }),
    ...(events && { events }),
    ...(refs && { refs }),
    ...(scopes && { scopes }),
  };
}

function idOf(flag: string, text: string): string {
  if (githubIdPattern.test(text)) return text;
  throw new QgjobError(
    'invalid',
    `--${flag}: "${text}" is no number: give GitHub's id, which \`gh api repos/OWNER/NAME\` shows`,
  );
}

function listOf(
  flag: string,
  given: readonly string[] | undefined,
  pattern: RegExp,
  what: string,
): string[] | undefined {
  const list = given?.flatMap(splitCommas);
  const bad = list?.find((one) => !pattern.test(one));
  if (bad !== undefined) throw new QgjobError('invalid', `--${flag}: "${bad}" is not ${what}`);
  if (list?.length === 0) throw new QgjobError('invalid', `--${flag}: name at least one, or leave it out`);
  return list;
}

function scopesOf(given: readonly string[] | undefined): RepositoryScope[] | undefined {
  const known = new RegExp(`^(${repositoryScopes.join('|')})$`);
  return listOf('scope', given, known, `one of ${repositoryScopes.join(', ')}`) as
    | RepositoryScope[]
    | undefined;
}

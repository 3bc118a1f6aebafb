import * as z from 'zod';
import { eventPattern, githubIdPattern, refPattern, repositoryScopes } from '../github.ts';
import { Instant, NextCursor, OrgId } from './common.ts';

const GithubId = z
  .string('an id is a text of digits: "4711"')
  .regex(githubIdPattern, 'GitHub\'s numeric id as a text of digits, like "4711"; not the name');

/** A repository, or all those of an owner, that may get a token of the org by GitHub's OIDC. */
export const GithubBinding = z.strictObject({
  repository_owner_id: GithubId,
  repository_id: GithubId.optional().describe('Absent: every repository of the owner'),
  events: z
    .array(z.string().regex(eventPattern, 'the name of an event, like pull_request'))
    .min(1, 'name at least one event, or leave events out')
    .max(50)
    .optional()
    .describe('The events whose workflows may sign in; absent: those that need write access'),
  refs: z
    .array(z.string().regex(refPattern, 'a whole ref, in which * stands for any characters: refs/heads/main'))
    .min(1, 'name at least one ref, or leave refs out')
    .max(50)
    .optional()
    .describe('The refs whose workflows may sign in, `*` for any characters; absent: all'),
  scopes: z
    .array(z.enum(repositoryScopes))
    .min(1, 'name at least one scope, or leave scopes out')
    .max(repositoryScopes.length)
    .optional()
    .describe('What the token may do; absent: submit'),
});
export type GithubBinding = z.infer<typeof GithubBinding>;

/** All bindings of an org, in place of those before. */
export const SetGithub = z.array(GithubBinding).max(500, 'an org has at most 500 bindings');
export const GithubBindingList = z.object({ bindings: z.array(GithubBinding), next_cursor: NextCursor });
export type GithubBindingList = z.infer<typeof GithubBindingList>;

export const SignInByGithub = z.strictObject({
  token: z.string().min(1, 'is empty').max(16_000).describe("GitHub's OIDC token"),
  org_id: OrgId.optional().describe('Where the repository is bound to several orgs'),
});
export type SignInByGithub = z.infer<typeof SignInByGithub>;

export const SignedIn = z.object({ token: z.string(), expires_at: Instant, org_id: OrgId });
export type SignedIn = z.infer<typeof SignedIn>;

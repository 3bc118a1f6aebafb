import * as core from '@actions/core';
import { badInput } from './parse.ts';

/** By whom the calls to the server are made. */
export interface Credentials {
  /** '' signs in by GitHub's OIDC. */
  readonly token: string;
  /** What GitHub's OIDC token is asked for; undefined: the origin of the server's address. */
  readonly oidcAudience: string | undefined;
  readonly orgId: string | undefined;
}

export const optional = (name: string): string | undefined => core.getInput(name) || undefined;

/** What to do where there is neither a token nor a right to ask for one. */
export const noToken =
  'is missing, and this job may not ask GitHub for an OIDC token: add `permissions: {contents: read, id-token: write}` to the job, or give a qgjob token, kept in a secret (workflows of forks and of Dependabot get neither)';

/** By whom the calls are made. */
export const readCredentials = (): Credentials => ({
  token: readToken(),
  oidcAudience: optional('oidc-audience'),
  orgId: optional('org-id'),
});

/** The token, masked in the log from here on, unless it is so short that a mask would hide parts of common words. */
function readToken(): string {
  const token = core.getInput('token');
  for (const line of token.split(/\s+/)) if (line.length >= 4) core.setSecret(line);
  if (/\s/.test(token)) throw badInput('token', 'holds blanks or several lines: it must be one word');
  return token;
}

/** GitHub's token, masked. One of several words is none of GitHub's, and nothing is sent with it. */
export function readGithubToken(): string {
  const token = core.getInput('github-token');
  if (token !== '') core.setSecret(token);
  return /\s/.test(token) ? '' : token;
}

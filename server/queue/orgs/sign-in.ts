import { QgjobError } from '../../../protocol/errors.ts';
import type { GithubFacts, RepositoryScope } from '../../../protocol/github.ts';
import { eq } from '../../db/drizzle.ts';
import { githubBindings, githubSignIns } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import type { GithubBindingRow } from '../store/rows.ts';
import { toInstant } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { scopesOf } from './github-bindings.ts';
import { admits, isAbout, refuseWorkflow } from './github-policy.ts';

/** The public id and the digest of a new token; the secret itself is never stored. */
export interface Minted {
  readonly id: string;
  readonly hash: string;
}

/** What a verified OIDC token proves, and its id. */
interface Proof {
  readonly jti: string;
  readonly facts: GithubFacts;
}

const hourMs = 3_600_000;
// An OIDC token is refused by its age long before; the rest is for clocks that differ.
const keptMs = 24 * hourMs;

/**
 * Stores the token that a workflow gets for its OIDC token: for an hour, for the org that its repository is bound to.
 * The store decides whether the OIDC token is used for the first time, so that neither a restart nor a second server
 * takes it again. Errors: `forbidden` (no binding, or its policy), `unauthorized` (used before), `invalid` (several orgs).
 */
export async function signIn(deps: Deps, { jti, facts }: Proof, minted: Minted, wantedOrg?: string) {
  const found = await admittedBy(deps, facts, wantedOrg);
  const [first] = found;
  if (first === undefined) throw new QgjobError('internal', 'a workflow was admitted by no binding');
  const scopes: RepositoryScope[] = [...new Set(found.flatMap(scopesOf))];
  const now = deps.now();
  const expiresAt = now + hourMs;
  const [, stored] = await deps.sql.write([
    { sql: 'DELETE FROM github_sign_ins WHERE expires_at < ?', args: [now - keptMs] },
    // The bindings must still be there: a row is never changed, only replaced.
    {
      sql: `INSERT INTO github_sign_ins (id, jti, org_id, scopes, hash, facts, created_at, expires_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
            WHERE ?9 = (SELECT count(*) FROM github_bindings WHERE id IN (SELECT value FROM json_each(?10)))
            ON CONFLICT DO NOTHING RETURNING id`,
      args: [
        ...[minted.id, jti, first.orgId, JSON.stringify(scopes), minted.hash, JSON.stringify(facts)],
        ...[now, expiresAt, found.length, JSON.stringify(found.map(({ id }) => id))],
      ],
    },
  ]);
  if (stored?.length !== 1) throw await whyNotStored(deps, jti);
  return { orgId: first.orgId, expiresAt: toInstant(expiresAt) };
}

/** The bindings of one org that admit the workflow; at least one. */
async function admittedBy(
  deps: Deps,
  facts: GithubFacts,
  wantedOrg: string | undefined,
): Promise<GithubBindingRow[]> {
  const ofOwner = await deps.db
    .select()
    .from(githubBindings)
    .where(eq(githubBindings.repositoryOwnerId, facts.repository_owner_id));
  const about = ofOwner.filter(
    (row) => isAbout(row, facts) && (wantedOrg === undefined || row.orgId === wantedOrg),
  );
  const found = about.filter((row) => admits(row, facts));
  if (found.length === 0) throw refuseWorkflow(about, facts, wantedOrg);
  if (new Set(found.map(({ orgId }) => orgId)).size > 1) {
    throw new QgjobError(
      'invalid',
      `org_id: repository ${facts.repository} is bound to several orgs, name the one that is meant (the input org-id of the Action)`,
    );
  }
  return found;
}

async function whyNotStored(deps: Deps, jti: string): Promise<QgjobError> {
  const rows = await deps.db
    .select({ id: githubSignIns.id })
    .from(githubSignIns)
    .where(eq(githubSignIns.jti, jti));
  return rows.length > 0
    ? new QgjobError(
        'unauthorized',
        "GitHub's OIDC token was exchanged before, and is good for once: ask GitHub for another one",
      )
    : new QgjobError('unavailable', 'the bindings of the repository were changed at this moment; try again');
}

/** What is known of such a token; undefined when there is none with this public id, or it has ended. */
export async function findLiveSignIn(deps: Deps, id: string) {
  const [row] = await deps.db.select().from(githubSignIns).where(eq(githubSignIns.id, id));
  return row && row.revokedAt === null && row.expiresAt > deps.now() ? row : undefined;
}

/** False where there is no such token that the viewer may see. */
export async function revokeSignIn(deps: Deps, id: string, viewer: Viewer): Promise<boolean> {
  const [row] = await deps.db.select().from(githubSignIns).where(eq(githubSignIns.id, id));
  if (!row || !maySee(viewer, row.orgId)) return false;
  await deps.sql.write([
    {
      sql: 'UPDATE github_sign_ins SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?',
      args: [deps.now(), id],
    },
  ]);
  return true;
}

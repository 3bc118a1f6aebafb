import { uuidv7 } from 'uuidv7';
import type { GithubFacts } from '../../../protocol/github.ts';
import type { GithubBinding, GithubBindingList } from '../../../protocol/shapes/github.ts';
import { asc, eq } from '../../db/drizzle.ts';
import { githubBindings } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import type { GithubBindingRow } from '../store/rows.ts';
import { checkOwner, type Viewer } from '../store/viewer.ts';
import { admits, isAbout } from './github-policy.ts';
import { findOrg } from './orgs.ts';

/** The repositories that may get a token of the org. Errors: `not_found`, also for another org. */
export async function listBindings(deps: Deps, orgId: string, viewer: Viewer): Promise<GithubBindingList> {
  checkOwner(orgId, viewer, `org ${orgId}`);
  await findOrg(deps, orgId);
  const rows = await deps.db
    .select()
    .from(githubBindings)
    .where(eq(githubBindings.orgId, orgId))
    .orderBy(asc(githubBindings.id));
  return { bindings: rows.map(toBinding), next_cursor: null };
}

/**
 * Binds these repositories, in place of those before. Tokens that the new bindings would not give end at once: their ids
 * are answered in `ended`. Errors: `not_found` for an unknown org.
 */
export async function setBindings(
  deps: Deps,
  orgId: string,
  bindings: readonly GithubBinding[],
): Promise<{ list: GithubBindingList; ended: string[] }> {
  await findOrg(deps, orgId);
  const now = deps.now();
  const rows = bindings.map((one) => toRow(orgId, one, now));
  const kept = await findAdmitted(deps, orgId, rows);
  const results = await deps.sql.write([
    { sql: 'DELETE FROM github_bindings WHERE org_id = ?', args: [orgId] },
    insertBindings(rows),
    // All but those that were looked at: a sign-in by the old bindings may have come in between.
    {
      sql: `UPDATE github_sign_ins SET revoked_at = ?2 WHERE org_id = ?1 AND expires_at > ?2 AND revoked_at IS NULL
              AND id NOT IN (SELECT value FROM json_each(?3)) RETURNING id`,
      args: [orgId, now, JSON.stringify(kept)],
    },
  ]);
  return {
    list: await listBindings(deps, orgId, { orgId }),
    ended: (results[2] ?? []).map(({ id }) => String(id)),
  };
}

/** The live tokens of the org whose workflows these bindings admit too. */
async function findAdmitted(deps: Deps, orgId: string, rows: readonly GithubBindingRow[]): Promise<string[]> {
  const live = await deps.sql.read(
    'SELECT id, facts, scopes FROM github_sign_ins WHERE org_id = ? AND expires_at > ? AND revoked_at IS NULL',
    [orgId, deps.now()],
  );
  return live.flatMap(({ id, facts: text, scopes }) => {
    const facts = JSON.parse(String(text)) as GithubFacts;
    const granted = rows.filter((row) => isAbout(row, facts) && admits(row, facts)).flatMap(scopesOf);
    return (JSON.parse(String(scopes)) as string[]).every((scope) => granted.includes(scope as 'submit'))
      ? [String(id)]
      : [];
  });
}

const columns = [
  ...['id', 'orgId', 'repositoryOwnerId', 'repositoryId', 'events', 'refs', 'scopes', 'createdAt'],
] as (keyof GithubBindingRow)[];

const insertBindings = (rows: readonly GithubBindingRow[]) => ({
  sql: `INSERT INTO github_bindings (id, org_id, repository_owner_id, repository_id, events, refs, scopes, created_at)
        SELECT ${columns.map((_, index) => `i.value ->> ${index}`).join(', ')} FROM json_each(?) i`,
  args: [JSON.stringify(rows.map((row) => columns.map((name) => row[name])))],
});

const toRow = (orgId: string, binding: GithubBinding, now: number): GithubBindingRow => ({
  id: uuidv7(),
  orgId,
  repositoryOwnerId: binding.repository_owner_id,
  repositoryId: binding.repository_id ?? null,
  events: listOrNull(binding.events),
  refs: listOrNull(binding.refs),
  scopes: listOrNull(binding.scopes),
  createdAt: now,
});

const listOrNull = (list: readonly string[] | undefined): string | null =>
  list === undefined ? null : JSON.stringify([...new Set(list)]);

const toBinding = (row: GithubBindingRow): GithubBinding => ({
  repository_owner_id: row.repositoryOwnerId,
  ...(row.repositoryId !== null && { repository_id: row.repositoryId }),
  ...(row.events !== null && { events: JSON.parse(row.events) }),
  ...(row.refs !== null && { refs: JSON.parse(row.refs) }),
  ...(row.scopes !== null && { scopes: JSON.parse(row.scopes) }),
});

export const scopesOf = ({ scopes }: GithubBindingRow): NonNullable<GithubBinding['scopes']> =>
  scopes === null ? ['submit'] : JSON.parse(scopes);

import type { AuditTarget } from '../../../protocol/audit-actions.ts';
import type { Deps } from '../store/deps.ts';

/** The org of a row, by what its id is of; '' is shared. */
const owners: Readonly<Partial<Record<AuditTarget, string>>> = {
  agent: 'SELECT owner FROM agents WHERE id = ?1',
  borrow: 'SELECT org_id AS owner FROM borrows WHERE id = ?1',
  device: 'SELECT owner FROM devices WHERE id = ?1',
  job: 'SELECT org_id AS owner FROM jobs WHERE id = ?1',
  org: 'SELECT id AS owner FROM orgs WHERE id = ?1',
  quarantine: 'SELECT org_id AS owner FROM quarantines WHERE id = ?1',
  run: 'SELECT org_id AS owner FROM runs WHERE id = ?1',
  token: `SELECT org_id AS owner FROM tokens WHERE id = ?1
          UNION ALL SELECT org_id FROM github_sign_ins WHERE id = ?1`,
  webhook: 'SELECT org_id AS owner FROM webhooks WHERE id = ?1',
};

/** Whose org a thing is; null where it is shared, of the whole server or not there. */
export async function ownerOf(
  { sql }: Pick<Deps, 'sql'>,
  kind: AuditTarget,
  id: string,
): Promise<string | null> {
  const statement = owners[kind];
  const [row] = statement === undefined ? [] : await sql.read(statement, [id]);
  return row?.owner ? String(row.owner) : null;
}

import type { Deps } from './deps.ts';

/**
 * Whether this holder, a process, does this work for the next `forMs`: true where it does already, or where nobody else
 * has said so within their time.
 */
export async function claimWork(
  deps: Deps,
  { name, holder, forMs }: { readonly name: string; readonly holder: string; readonly forMs: number },
): Promise<boolean> {
  const now = deps.now();
  const [made] = await deps.sql.write([
    {
      // A time that lies far ahead is of a clock that was wrong.
      sql: `INSERT INTO work_claims (name, holder, until) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE SET holder = ?2, until = ?3
            WHERE holder = ?2 OR until <= ?4 OR until > ?4 + 2 * ?5 RETURNING name`,
      args: [name, holder, now + forMs, now, forMs],
    },
  ]);
  return made?.length === 1;
}

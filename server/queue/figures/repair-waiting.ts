import type { Deps } from '../store/deps.ts';

/**
 * Counts the jobs that wait for an instant, by group, again. A server of an older version on the same database did not count
 * them. SEARCH jobs USING INDEX jobs_wait.
 */
export async function repairWaiting(deps: Pick<Deps, 'sql'>): Promise<void> {
  await deps.sql.write([
    {
      sql: `UPDATE groups SET waiting = coalesce(f.n, 0)
            FROM groups g LEFT JOIN (SELECT group_id, count(*) AS n FROM jobs WHERE status = 'waiting' GROUP BY group_id) f
              ON f.group_id = g.id
            WHERE groups.id = g.id AND groups.waiting <> coalesce(f.n, 0)`,
    },
  ]);
}

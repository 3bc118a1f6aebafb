/**
 * The id of the pool that serves an org's jobs for a target, as SQL: the org's own where that has a device online, else
 * the shared one. `owner` and `target` are SQL; an agent heard at or after `since` (SQL) is online.
 */
export const poolFor = (owner: string, target: string, since: string): string => `coalesce(
      (SELECT p.id FROM pools p CROSS JOIN devices d ON d.pool_id = p.id AND d.listed = 1
         CROSS JOIN agents a ON a.id = d.agent_id AND a.last_seen_at >= ${since}
       WHERE p.owner = ${owner} AND p.target = ${target} LIMIT 1),
      (SELECT id FROM pools WHERE owner = '' AND target = ${target}))`;

import { isOnline } from './device-may.ts';

/**
 * The id of the pool that serves an org's jobs for a target (SQL): the org's own pool where that has a device online,
 * else the shared one. `owner` and `target` are SQL; an agent heard at or after `since` (SQL) is online.
 */
export const poolFor = (owner: string, target: string, since: string): string => `coalesce(
      (SELECT p.id FROM pools p CROSS JOIN devices d ON d.pool_id = p.id AND d.listed = 1
         CROSS JOIN agents a ON a.id = d.agent_id AND a.last_seen_at >= ${since}
       WHERE p.owner = ${owner} AND p.target = ${target} LIMIT 1),
      (SELECT id FROM pools WHERE owner = '' AND target = ${target}))`;

/** The pool with the id `poolId` (SQL) has a device online: the rule of `poolFor`, for a pool that is known. */
export const hasOnlineDevice = (poolId: string, since: string): string => `EXISTS (
  SELECT 1 FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
  WHERE d.pool_id = ${poolId} AND ${isOnline(since)})`;

/** A device of the org (SQL) or a shared one has offered the target (SQL) at any time; it may be gone by now. */
export const isOffered = (org: string, target: string): string =>
  `(EXISTS (SELECT 1 FROM pools WHERE owner = ${org} AND target = ${target} AND offered_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM pools WHERE owner = '' AND target = ${target} AND offered_at IS NOT NULL))`;

import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';

/** Tables with rows that belong to no run and that nobody deletes by hand. */
export const unusedKinds = ['tokens', 'durations', 'tests', 'agents', 'groups'] as const;
type UnusedKind = (typeof unusedKinds)[number];

/** Epoch ms. */
interface Before {
  /** Tokens that ended before it. */
  readonly ended: number;
  /** All else that was last used before it. */
  readonly used: number;
}

/**
 * Deletes what nobody has used for long among the next `most` rows after `from`, in the order of their making: tokens that
 * have ended and whose successors are gone (by them what ends with a revoked one is found), what is known of tests that are not run any more (durations, the ledger), agents that were not heard, with their devices, groups of app
 * versions without jobs. What the operator has said of an agent (paused, drained) stays, and so does what is to blame. Answers
 * the row to go on from; undefined at the end. SEARCH … USING INTEGER PRIMARY KEY (rowid>? AND rowid<?).
 */
export async function pruneUnused(
  deps: Deps,
  kind: UnusedKind,
  { ended, used, from, most }: Before & { readonly from: number; readonly most: number },
): Promise<number | undefined> {
  const [next] = await deps.sql.read(`SELECT min(rowid) AS first FROM ${kind} WHERE rowid >= ?`, [from]);
  if (next?.first === null || next?.first === undefined) return undefined;
  const first = Number(next.first);
  const args = [first, first + most, kind === 'tokens' ? ended : used];
  await deps.sql.write(statements[kind].map((sql): Statement => ({ sql, args })));
  return first + most;
}

const ofWindow = 'rowid >= ?1 AND rowid < ?2';

const goneAgents = `SELECT a.id FROM agents a WHERE a.rowid >= ?1 AND a.rowid < ?2 AND a.last_seen_at < ?3 AND a.drain = 0
  AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.agent_id = a.id AND l.state = 'active')
  AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.agent_id = a.id AND (d.paused_at IS NOT NULL OR d.blame IS NOT NULL))`;

const statements: Readonly<Record<UnusedKind, readonly string[]>> = {
  tokens: [
    `DELETE FROM tokens WHERE ${ofWindow}
       AND min(coalesce(revoked_at, expires_at), coalesce(expires_at, revoked_at)) < ?3
       AND NOT EXISTS (SELECT 1 FROM tokens n WHERE n.replaces_id = tokens.id)`,
  ],
  durations: [`DELETE FROM durations WHERE ${ofWindow} AND max(changed_at, coalesce(failed_at, 0)) < ?3`],
  tests: [`DELETE FROM tests WHERE ${ofWindow} AND last_run_at < ?3`],
  agents: [
    // First out of what batches know of installs, which a trigger keeps.
    `UPDATE devices SET installed_group_id = NULL WHERE installed_group_id IS NOT NULL AND agent_id IN (${goneAgents})`,
    `DELETE FROM devices WHERE agent_id IN (${goneAgents})`,
    `DELETE FROM agents WHERE id IN (${goneAgents})`,
  ],
  groups: [
    // A group has jobs for as long as runs of its app version are kept. The last install that was measured is what new
    // groups are judged by. SEARCH jobs USING COVERING INDEX jobs_group, devices USING COVERING INDEX devices_group.
    `DELETE FROM groups WHERE ${ofWindow} AND ?3 IS NOT NULL AND queued + leased = 0
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.group_id = groups.id)
       AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.installed_group_id = groups.id)
       AND NOT (setup_ms IS NOT NULL AND id = (SELECT max(s.id) FROM groups s
         WHERE s.org_id = groups.org_id AND s.target = groups.target AND s.setup_ms IS NOT NULL))`,
  ],
};

import { deviceMay, isOnline, poolFor } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { orgMayUse } from '../store/org-may.ts';
import { type QuarantinedTest, toQuarantinedTest } from './quarantined-test.ts';

/**
 * Sessions at a provider are paid for by time, or are few (SQL): nothing runs there that nobody has asked for. A device says that
 * it is one by its kind.
 */
const isMetered = `(q.target || '/' LIKE 'browserstack/%')`;

/** A device that would serve the quarantine `q` is online and has nothing to do (SQL). */
const hasIdleDevice = `EXISTS (SELECT 1 FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
    WHERE d.pool_id = ${poolFor('q.org_id', 'q.target', '?3')} AND ${isOnline('?3')} AND ${deviceMay('?1')}
      AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.device_id = d.id AND l.state = 'active'))`;

/** A hunt of the same org and target has executions that wait (SQL): one after another. SEARCH w USING INDEX quarantines_hunted (org_id=? AND target=?) */
const isTurnOfOther = `EXISTS (SELECT 1 FROM quarantines w CROSS JOIN runs r ON r.id = w.hunt_run_id
    WHERE w.hunt_run_id IS NOT NULL AND w.org_id = q.org_id AND w.target = q.target AND r.queued + r.waiting > 0)`;

/**
 * The active quarantines whose last hunt by itself began before ?2, what waits longest first. ?1 is
 * now, ?3 since when an agent is online. SEARCH q USING INDEX quarantines_ends (ends_at>?)
 */
const dueSql = `SELECT q.id FROM quarantines q CROSS JOIN orgs o ON o.id = q.org_id
  WHERE q.ends_at > ?1 AND q.hunted_at <= ?2 AND q.hunt_run_id IS NULL AND NOT ${isMetered} AND ${orgMayUse('q.target')}
    AND NOT ${isTurnOfOther} AND ${hasIdleDevice}
  ORDER BY q.hunted_at, q.id LIMIT 1`;

const claimSql = `UPDATE quarantines SET hunted_at = ?1 WHERE id = (${dueSql}) RETURNING *`;

/** A quarantined test that is to be hunted now. */
export interface Claim {
  readonly test: QuarantinedTest;
  /** Gives it back, for the next pass: nothing was begun. */
  giveBack(): Promise<void>;
}

/**
 * Claims the next test that is to be hunted: one statement, so that of several servers one gets it, once in a pause. Undefined:
 * there is none, or no device is idle for it.
 */
export async function claimHunt(deps: Deps, pauseMs: number): Promise<Claim | undefined> {
  const now = deps.now();
  const args = [now, now - pauseMs, onlineSince(deps)];
  // Mostly there is nothing, and a read takes no turn of the writes.
  const [due] = await deps.sql.read(dueSql, args);
  if (!due) return undefined;
  const [[row] = []] = await deps.sql.write([{ sql: claimSql, args }]);
  if (!row) return undefined;
  const test = toQuarantinedTest(row);
  return {
    test,
    async giveBack() {
      await deps.sql.write([
        {
          sql: 'UPDATE quarantines SET hunted_at = 0 WHERE id = ?1 AND hunted_at = ?2 AND hunt_run_id IS NULL',
          args: [test.quarantineId, now],
        },
      ]);
    },
  };
}

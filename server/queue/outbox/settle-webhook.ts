import type { Deps } from '../store/deps.ts';
import type { Claimed } from './claim-rows.ts';
import { countGivenUp, deleteRow, giveUpMs, isOver, putOff } from './settle-rows.ts';
import { laneOf } from './webhooks.ts';

/** The receiver has it, or there is nothing to tell any more (`isSent` false). */
export async function settleSent(deps: Deps, row: Claimed, webhookId: string, isSent = true): Promise<void> {
  await deps.sql.write([
    deleteRow(row),
    ...(isSent
      ? [
          {
            sql: `UPDATE webhooks SET last_sent_at = ?2, failing_since = NULL, failures = 0, last_error = NULL
                  WHERE id = ?1 AND off_at IS NULL`,
            args: [webhookId, deps.now()],
          },
        ]
      : []),
  ]);
}

/** Why a try failed. */
export interface Failure {
  /** One line. */
  readonly error: string;
  /** The receiver wants so much time, ms. */
  readonly askedMs?: number;
  /** It says that it is no receiver any more (410). */
  readonly isGone?: boolean;
}

/** What became of the row and of its webhook. */
export interface Settled {
  readonly isGivenUp: boolean;
  /** True: this failure switched the webhook off. */
  readonly isOff: boolean;
}

/**
 * Puts the row off, or gives it up after three days. A webhook that has failed for so long without one success is
 * switched off, and what waits for it is dropped.
 */
export async function settleFailed(
  deps: Deps,
  row: Claimed,
  webhookId: string,
  { error, askedMs = 0, isGone = false }: Failure,
): Promise<Settled> {
  const now = deps.now();
  const isGivenUp = isOver(deps, row);
  const off = 'SELECT 1 FROM webhooks WHERE id = ?1 AND off_at IS NOT NULL';
  const results = await deps.sql.write([
    isGivenUp ? deleteRow(row) : putOff(deps, row, error, askedMs),
    {
      sql: `UPDATE webhooks SET failing_since = coalesce(failing_since, ?2), failures = failures + 1, last_error = ?3,
              dropped = dropped + ?4 WHERE id = ?1 AND off_at IS NULL`,
      args: [webhookId, now, error, Number(isGivenUp)],
    },
    {
      sql: `UPDATE webhooks SET off_at = ?2, dropped = dropped + (SELECT count(*) FROM outbox WHERE lane = ?4)
            WHERE id = ?1 AND off_at IS NULL AND (?5 = 1 OR failing_since <= ?3) RETURNING id`,
      args: [webhookId, now, now - giveUpMs, laneOf(webhookId), Number(isGone)],
    },
    {
      sql: `DELETE FROM outbox WHERE lane = ?2 AND EXISTS (${off}) RETURNING seq`,
      args: [webhookId, laneOf(webhookId)],
    },
  ]);
  countGivenUp(deps, row.lane, Number(isGivenUp) + (results[3]?.length ?? 0));
  return { isGivenUp, isOff: (results[2]?.length ?? 0) > 0 };
}

import type { Deps } from '../store/deps.ts';

/** So long before its end the owner of a quarantine is told. */
const aheadMs = 24 * 3_600_000;

/**
 * Quarantines that end soon, each once for each end that it gets: one that is extended is told again. Who sets an end that is so
 * near knows of it. SEARCH quarantines USING INDEX quarantines_ends (ends_at>? AND ends_at<?)
 */
const endsSoon = `ends_at > ?1 AND ends_at <= ?1 + ${aheadMs} AND end_told IS NOT ends_at AND ends_at - changed_at > ${aheadMs}`;

/** Tells webhooks, by a trigger, of quarantines that end soon. */
export async function tellEnds(deps: Deps): Promise<void> {
  const args = [deps.now()];
  const [one] = await deps.sql.read(`SELECT 1 FROM quarantines WHERE ${endsSoon} LIMIT 1`, args);
  if (one)
    await deps.sql.write([{ sql: `UPDATE quarantines SET end_told = ends_at WHERE ${endsSoon}`, args }]);
}

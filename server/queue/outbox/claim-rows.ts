import { randomUUID } from 'node:crypto';
import type { Row } from '@libsql/client';
import type { Deps } from '../store/deps.ts';

/** A row of the outbox that this server delivers, and no other until its claim ends. */
export interface Claimed {
  readonly seq: number;
  readonly claim: string;
  /** The same at each try. */
  readonly id: string;
  readonly lane: string;
  readonly stream: string;
  readonly kind: string;
  readonly orgId: string;
  readonly subject: string;
  /** JSON. */
  readonly data: string | null;
  /** Epoch ms. */
  readonly createdAt: number;
  /** This try counted. */
  readonly tries: number;
}

/**
 * A try takes less than that, by far. After it the row is claimed again: the server that had it was killed, or stood still.
 */
const claimMs = 60_000;

/** Jumps from lane to lane: SEARCH outbox USING COVERING INDEX outbox_ready, once for each. */
const lanesSql = `WITH RECURSIVE l (lane) AS (
    SELECT min(lane) FROM outbox WHERE ready = 1
    UNION ALL
    SELECT (SELECT min(o.lane) FROM outbox o WHERE o.ready = 1 AND o.lane > l.lane) FROM l WHERE l.lane IS NOT NULL)
  SELECT lane FROM l WHERE lane IS NOT NULL
    AND EXISTS (SELECT 1 FROM outbox o WHERE o.ready = 1 AND o.lane = l.lane AND o.due_at <= ?1)`;

/** The lanes in which something is due. */
export async function dueLanes(deps: Deps): Promise<string[]> {
  const rows = await deps.sql.read(lanesSql, [deps.now()]);
  return rows.map(({ lane }) => String(lane));
}

/**
 * Claims up to `most` due rows of a lane, the longest due first; each is the first of its stream. Two servers never get the
 * same row.
 */
export async function claimRows(deps: Deps, lane: string, most: number): Promise<Claimed[]> {
  const now = deps.now();
  const claim = randomUUID();
  const [rows = []] = await deps.sql.write([
    {
      sql: `UPDATE outbox SET claim = ?1, due_at = ?2, tries = tries + 1,
              created_at = CASE created_at WHEN 0 THEN ?3 ELSE created_at END
            WHERE seq IN (SELECT seq FROM outbox WHERE ready = 1 AND lane = ?4 AND due_at <= ?3 ORDER BY due_at LIMIT ?5)
            RETURNING *`,
      args: [claim, now + claimMs, now, lane, most],
    },
  ]);
  return rows.map((row) => toClaimed(row, claim)).sort((a, b) => a.seq - b.seq);
}

const toClaimed = (row: Row, claim: string): Claimed => ({
  seq: Number(row.seq),
  claim,
  id: String(row.id),
  lane: String(row.lane),
  stream: String(row.stream),
  kind: String(row.kind),
  orgId: String(row.org_id),
  subject: String(row.subject),
  data: row.data as string | null,
  createdAt: Number(row.created_at),
  tries: Number(row.tries),
});

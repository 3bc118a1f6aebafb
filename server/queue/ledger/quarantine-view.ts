import type { Row } from '@libsql/client';
import { shareOf } from '../../../protocol/binomial-interval.ts';
import type { Quarantine, QuarantineHunt } from '../../../protocol/shapes/quarantine.ts';
import type { Deps } from '../store/deps.ts';
import { toInstant } from '../store/to-wire.ts';

const textOrNull = (value: unknown): string | null => (value === '' ? null : String(value));

/** A quarantine as the API shows it at `now`. */
export function toQuarantine(row: Row, now: number): Quarantine {
  return {
    quarantine_id: String(row.id),
    org_id: String(row.org_id),
    test_id: String(row.test_id),
    repository_id: String(row.repository_id),
    target: String(row.target),
    test_path: String(row.test_path),
    file: textOrNull(row.file),
    title: textOrNull(row.title),
    case_id: textOrNull(row.case_id),
    owner: String(row.owner),
    reason: String(row.reason),
    lanes: [
      ...(Number(row.pull_request) === 1 ? (['pull_request'] as const) : []),
      ...(Number(row.merge_queue) === 1 ? (['merge_queue'] as const) : []),
    ],
    status: Number(row.ends_at) > now ? 'active' : 'ended',
    created_at: toInstant(Number(row.created_at)),
    created_by: String(row.created_by),
    changed_at: toInstant(Number(row.changed_at)),
    changed_by: String(row.changed_by),
    ends_at: toInstant(Number(row.ends_at)),
    removed: row.removed_at !== null,
    hunt: row.last_hunt === null ? null : toHunt(JSON.parse(String(row.last_hunt))),
    hunting_run_id: row.hunt_run_id as string | null,
  };
}

/** What a hunt of the server has found, as its quarantine keeps it. */
export interface FoundByHunt {
  readonly run_id: string;
  /** Epoch ms. */
  readonly ended_at: number;
  /** At least 1. */
  readonly observed: number;
  readonly failed: number;
  /** How many executions there were to be. */
  readonly times: number;
  /** Whose code it ran. */
  readonly branch: string | null;
  readonly commit: string | null;
  readonly is_base: boolean;
}

export function toHunt(found: FoundByHunt): QuarantineHunt {
  const { low, high } = shareOf(found.failed, found.observed) ?? { low: 0, high: 1 };
  return { ...found, ended_at: toInstant(found.ended_at), low, high };
}

/** The active quarantines of these tests, by their ids. SEARCH q USING INDEX quarantines_test (test_id=? AND ends_at>?) */
export async function readActive(deps: Deps, testIds: readonly string[]): Promise<Map<string, Quarantine>> {
  const now = deps.now();
  const rows = await deps.sql.read(
    'SELECT q.* FROM json_each(?) i CROSS JOIN quarantines q ON q.test_id = i.value AND q.ends_at > ?',
    [JSON.stringify(testIds), now],
  );
  return new Map(rows.map((row) => [String(row.test_id), toQuarantine(row, now)]));
}

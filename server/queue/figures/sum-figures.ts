import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { type Happened, readHappened } from './read-happened.ts';
import { addSums, type Sums } from './sums.ts';

const minuteMs = 60_000;
/** Minutes that rows are about, and for how long they are kept, ms. */
const spans = [
  { span: 10, keptMs: 6 * 60 * minuteMs },
  { span: 60, keptMs: 8 * 24 * 60 * minuteMs },
  { span: 24 * 60, keptMs: 400 * 24 * 60 * minuteMs },
] as const;

type Key = readonly [span: number, orgId: string, startsAt: number, target: string];

/**
 * Adds the next events to the figures; true: there are more. Every server of a database may do this at any time: one of them
 * moves the cursor, and the others write nothing. That one counts what happened, too. Errors: `unavailable`.
 */
export async function sumFigures(deps: Deps): Promise<boolean> {
  const [cursor] = await deps.sql.read('SELECT seq FROM figures_cursor WHERE id = 1');
  const from = Number(cursor?.seq ?? 0);
  const { last, happened, isMore } = await readHappened(deps, from);
  if (last === from) return false;
  const results = await deps.sql.write([
    ...(await addAll(deps, happened, from)),
    {
      sql: 'UPDATE figures_cursor SET seq = ?2 WHERE id = 1 AND seq = ?1 RETURNING id',
      args: [from, last],
    },
  ]);
  if (results.at(-1)?.length === 1) countHappened(deps, happened);
  return isMore;
}

/** The statements that add it, where the cursor is still at `from`: then nobody has changed these rows since they were read. */
async function addAll(deps: Deps, happened: readonly Happened[], from: number): Promise<Statement[]> {
  const added = new Map<string, { key: Key; sums: Sums }>();
  for (const { orgId, at, target, sums } of happened)
    for (const { span } of spans) {
      const key: Key = [span, orgId, at - (at % (span * minuteMs)), target];
      const id = JSON.stringify(key);
      added.set(id, { key, sums: addSums(added.get(id)?.sums ?? {}, sums) });
    }
  if (added.size === 0) return [];
  const keys = [...added.values()].map(({ key }) => key);
  for (const [key, json] of await readList<[Key, string]>(deps, readSql, [JSON.stringify(keys)])) {
    const id = JSON.stringify(key);
    const one = added.get(id);
    if (one) added.set(id, { key, sums: addSums(JSON.parse(json) as Sums, one.sums) });
  }
  const rows = [...added.values()].map(({ key, sums }) => [...key, JSON.stringify(sums)]);
  return [
    { sql: writeSql, args: [JSON.stringify(rows), from] },
    ...spans.map((one) => dropOld(deps, one, from)),
  ];
}

/** SEARCH f USING PRIMARY KEY (span=? AND org_id=? AND starts_at=? AND target=?) */
const readSql = listOf(
  'json_array(json_array(f.span, f.org_id, f.starts_at, f.target), f.sums)',
  `FROM json_each(?) i CROSS JOIN figures f ON f.span = i.value ->> 0 AND f.org_id = i.value ->> 1
    AND f.starts_at = i.value ->> 2 AND f.target = i.value ->> 3`,
);

const isMine = '(SELECT seq FROM figures_cursor WHERE id = 1) = ?2';

const writeSql = `INSERT INTO figures (span, org_id, starts_at, target, sums)
  SELECT i.value ->> 0, i.value ->> 1, i.value ->> 2, i.value ->> 3, i.value ->> 4 FROM json_each(?1) i WHERE ${isMine}
  ON CONFLICT DO UPDATE SET sums = excluded.sums`;

const rowsPerDrop = 200;

/** Old rows of the orgs that something happened in; a few at each time. SEARCH figures USING COVERING INDEX figures_starts (span=? AND starts_at<?) */
const dropOld = (deps: Deps, { span, keptMs }: (typeof spans)[number], from: number): Statement => ({
  sql: `DELETE FROM figures WHERE rowid IN (SELECT rowid FROM figures WHERE span = ?1 AND starts_at < ?3 LIMIT ?4) AND ${isMine}`,
  args: [span, from, deps.now() - keptMs, rowsPerDrop],
});

function countHappened({ meter }: Deps, happened: readonly Happened[]): void {
  for (const { job, run } of happened) {
    if (job) meter.count('jobsFinished', job);
    if (!run) continue;
    meter.count('runsFinished', { conclusion: run.conclusion });
    meter.time('feedback', {}, run.feedbackMs);
    meter.count('installsSaved', {}, run.saved);
    meter.count('installTimeSaved', {}, run.savedMs / 1000);
  }
}

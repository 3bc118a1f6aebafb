import { shareOf } from '../../../protocol/binomial-interval.ts';
import { bulkSql, bulkValues, toParts } from '../../db/bulk-parameters.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { type Day, inWindow, sumOf } from './days.ts';
import { quantileOf } from './durations.ts';
import type { TestIdentity } from './test-identity.ts';

/** What the ledger keeps of a test. */
export interface TestRow extends TestIdentity {
  readonly id: string;
  readonly isLeaf: boolean;
  readonly hasReport: boolean;
  readonly days: readonly Day[];
  readonly durations: readonly number[];
  /** Epoch ms. */
  readonly firstRunAt: number;
  readonly lastRunAt: number;
  readonly lastFailedAt: number | null;
}

const fields = [
  ...['id', 'orgId', 'repositoryId', 'target', 'testPath', 'file', 'title', 'caseId', 'isLeaf', 'hasReport'],
  ...['days', 'passed', 'flaky', 'failed', 'flakyLow', 'durations', 'p50Ms', 'p95Ms', 'oldestDay'],
  ...['firstRunAt', 'lastRunAt', 'lastFailedAt'],
] as const;

/** SEARCH t USING INDEX sqlite_autoindex_tests_1 (id=?) */
const readSql = listOf(
  `json_array(t.id, t.org_id, t.repository_id, t.target, t.test_path, t.file, t.title, t.case_id, t.is_leaf, t.has_report, json(t.days),
    json(t.durations), t.first_run_at, t.last_run_at, t.last_failed_at)`,
  'FROM json_each(?) i CROSS JOIN tests t ON t.id = i.value',
);

type Row = [
  ...[id: string, orgId: string, repositoryId: string, target: string, testPath: string],
  ...[
    file: string,
    title: string,
    caseId: string,
    isLeaf: number,
    hasReport: number,
    days: Day[],
    durations: number[],
  ],
  ...[firstRunAt: number, lastRunAt: number, lastFailedAt: number | null],
];

/** Those of these tests that the ledger knows, by id. */
export async function readTestRows(
  deps: Pick<Deps, 'sql'>,
  ids: readonly string[],
): Promise<Map<string, TestRow>> {
  const rows = await readList<Row>(deps, readSql, [JSON.stringify(ids)]);
  return new Map(rows.map((row) => [row[0], toTestRow(row)]));
}

function toTestRow(row: Row): TestRow {
  const [id, orgId, repositoryId, target, testPath, file, title, caseId, isLeaf, hasReport, days, durations] =
    row;
  const [firstRunAt, lastRunAt, lastFailedAt] = row.slice(12) as [number, number, number | null];
  const test = { orgId, repositoryId, target, testPath, file, title, caseId };
  return {
    id,
    ...test,
    isLeaf: isLeaf === 1,
    hasReport: hasReport === 1,
    days,
    durations,
    firstRunAt,
    lastRunAt,
    lastFailedAt,
  };
}

/** Only while the ledger is where it was when the rows were read: `?2` is the event that it had come to. */
export const isUnmoved = '(SELECT seq FROM ledger_cursor WHERE id = 1) = ?2';

const item = bulkValues(fields);
const writeSql = `${bulkSql} INSERT INTO tests (id, org_id, repository_id, target, test_path, file, title, case_id, is_leaf, has_report, days,
    passed, flaky, failed, flaky_low, durations, p50_ms, p95_ms, oldest_day, first_run_at, last_run_at, last_failed_at)
  SELECT ${item(...fields)} FROM i WHERE ${isUnmoved}
  ON CONFLICT DO UPDATE SET is_leaf = excluded.is_leaf, has_report = excluded.has_report, days = excluded.days, passed = excluded.passed,
    flaky = excluded.flaky, failed = excluded.failed, flaky_low = excluded.flaky_low, durations = excluded.durations,
    p50_ms = excluded.p50_ms, p95_ms = excluded.p95_ms, oldest_day = excluded.oldest_day,
    last_run_at = excluded.last_run_at, last_failed_at = excluded.last_failed_at`;

/** The statements that write them as they are at `now`, with what follows from their days; where the ledger is still at `cursor`. */
export const writeTestRows = (rows: readonly TestRow[], now: number, cursor: number): Statement[] =>
  rows.length === 0
    ? []
    : toParts(rows.map((row) => valuesOf(row, now))).map(({ json }) => ({
        sql: writeSql,
        args: [json, cursor],
      }));

function valuesOf(row: TestRow, now: number): unknown[] {
  const days = inWindow(row.days, now);
  const { passed, flaky, failed } = sumOf(days);
  const values: Record<(typeof fields)[number], unknown> = {
    ...{ ...row, isLeaf: row.isLeaf ? 1 : 0, hasReport: row.hasReport ? 1 : 0, passed, flaky, failed },
    days: JSON.stringify(days),
    flakyLow: flaky === 0 ? null : shareOf(flaky, passed + flaky)?.low,
    durations: JSON.stringify(row.durations),
    p50Ms: quantileOf(row.durations, 0.5) ?? null,
    p95Ms: quantileOf(row.durations, 0.95) ?? null,
    oldestDay: days[0]?.[0] ?? null,
  };
  return fields.map((name) => values[name] ?? null);
}

import type { Row } from '@libsql/client';
import { shareOf } from '../../../protocol/binomial-interval.ts';
import type { Quarantine } from '../../../protocol/shapes/quarantine.ts';
import type { Test } from '../../../protocol/shapes/test.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';

/** The columns of `tests` (alias t) that `toTest` reads. */
export const testColumns = `t.id, t.org_id, t.repository_id, t.target, t.test_path, t.file, t.title, t.case_id, t.passed, t.flaky,
  t.failed, t.flaky_low, t.p50_ms, t.p95_ms, t.first_run_at, t.last_run_at, t.last_failed_at`;

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));
const textOrNull = (value: unknown): string | null => (value === '' ? null : String(value));

/** A test as the API shows it. */
export function toTest(row: Row, quarantine: Quarantine | undefined): Test {
  const [passed, flaky, failed] = [Number(row.passed), Number(row.flaky), Number(row.failed)];
  return {
    test_id: String(row.id),
    org_id: String(row.org_id),
    repository_id: String(row.repository_id),
    target: String(row.target),
    test_path: String(row.test_path),
    file: textOrNull(row.file),
    title: textOrNull(row.title),
    case_id: textOrNull(row.case_id),
    jobs: { passed, flaky, failed },
    flakiness: shareOf(flaky, passed + flaky) ?? null,
    p50_ms: numberOrNull(row.p50_ms),
    p95_ms: numberOrNull(row.p95_ms),
    first_run_at: toInstant(Number(row.first_run_at)),
    last_run_at: toInstant(Number(row.last_run_at)),
    last_failed_at: toInstantOrNull(numberOrNull(row.last_failed_at)),
    quarantine: quarantine ?? null,
  };
}

import type { Row } from '@libsql/client';
import type { TestIdentity } from '../ledger/index.ts';

/** A quarantined test, with its whole identity. */
export interface QuarantinedTest extends TestIdentity {
  readonly quarantineId: string;
  readonly testId: string;
}

/** Of a row of `quarantines`. */
export const toQuarantinedTest = (row: Row): QuarantinedTest => ({
  quarantineId: String(row.id),
  testId: String(row.test_id),
  orgId: String(row.org_id),
  repositoryId: String(row.repository_id),
  target: String(row.target),
  testPath: String(row.test_path),
  file: String(row.file),
  title: String(row.title),
  caseId: String(row.case_id),
});

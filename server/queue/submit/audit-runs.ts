import type { Statement } from '../../db/statement.ts';
import { auditStatement } from '../store/audit-line.ts';
import type { CheckedSubmit, NewRun } from './new-run.ts';

/** The lines of the audit log about these runs, for the commit that stores them. `at` in epoch ms. */
export function auditRuns(
  checked: readonly CheckedSubmit[],
  made: readonly NewRun[],
  at: number,
): Statement[] {
  const lines = made.flatMap(({ run, jobs }, place) => {
    const audited = checked[place]?.submit.input.audited;
    if (audited === undefined) return [];
    const { by, action, of } = audited;
    return [
      {
        ...{ by, orgId: run.orgId, action, targetKind: 'run' as const, targetId: run.id },
        detail: { app_version_id: run.appVersionId, jobs: jobs.length, retry_of: of },
      },
    ];
  });
  return lines.length === 0 ? [] : [auditStatement(lines, at)];
}

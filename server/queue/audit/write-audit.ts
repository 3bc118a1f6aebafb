import { type AuditLine, auditStatement } from '../store/audit-line.ts';
import type { Deps } from '../store/deps.ts';

/** Writes lines about what is done already, in a commit of their own. Errors: `unavailable`. */
export async function writeAudit(deps: Deps, lines: readonly AuditLine[]): Promise<void> {
  if (lines.length > 0) await deps.sql.write([auditStatement(lines, deps.now())]);
}

import { oneLine } from './clean-text.ts';
import { csvText } from './csv.ts';
import type { AuditEntry } from './shapes/audit.ts';

const columns = [
  ...['seq', 'at', 'org_id', 'actor_kind', 'token_id', 'actor_name', 'address'],
  ...['action', 'target_kind', 'target_id', 'request_id', 'detail'],
] as readonly (keyof AuditEntry)[];

/** The first line of the table. */
export const auditCsvHead = columns.join(',');

/** A line of the audit log as one line of CSV, which no text in it breaks or makes a formula of. */
export const auditCsvRow = (entry: AuditEntry): string =>
  columns.map((name) => cellOf(entry[name])).join(',');

function cellOf(value: AuditEntry[keyof AuditEntry]): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return csvText(oneLine(typeof value === 'string' ? value : JSON.stringify(value)));
}

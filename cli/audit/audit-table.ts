import { oneLine } from '../../protocol/clean-text.ts';
import type { AuditEntry } from '../../protocol/shapes/audit.ts';
import { atSecond } from '../output/job-table.ts';
import { cut, formatTable } from '../output/table.ts';

const title = ['WHEN', 'ACTION', 'TARGET', 'BY', 'TOKEN', 'FROM', 'ORG', 'FACTS'];
const factsWidth = 100;

const row = (entry: AuditEntry): string[] => [
  atSecond(entry.at),
  oneLine(entry.action),
  oneLine(entry.target_id),
  oneLine(entry.actor_name) || entry.actor_kind,
  oneLine(entry.token_id),
  oneLine(entry.address),
  entry.org_id ?? '',
  cut(factsOf(entry), factsWidth),
];

const factsOf = ({ detail }: AuditEntry): string =>
  oneLine(
    Object.entries(detail)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(' '),
  );

/** Lines of the audit log as a table; facts, names and ids are cut where the terminal is narrow. */
export const auditTable = (entries: readonly AuditEntry[], width: number | undefined): string[] =>
  entries.length === 0 ? [] : formatTable([title, ...entries.map(row)], { width, cuttable: [7, 3, 2, 4] });

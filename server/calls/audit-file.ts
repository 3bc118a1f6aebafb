import { auditCsvHead, auditCsvRow } from '../../protocol/audit-csv.ts';
import type { AuditEntry, auditFormats } from '../../protocol/shapes/audit.ts';
import type { FileReply } from './file-reply.ts';

type Format = (typeof auditFormats)[number];

const types: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

/** Lines of the audit log as one file. `goesOn` is asked before each page: it may take long, and throws where the caller may not any more. */
export const auditFile = (
  pages: AsyncIterable<readonly AuditEntry[]>,
  format: Format,
  goesOn: () => Promise<unknown>,
): FileReply => ({
  status: 200,
  headers: {
    'content-type': types[format],
    'content-disposition': `attachment; filename="qgjob-audit.${format}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  },
  chunks: bytesOf(pages, format, goesOn),
});

async function* bytesOf(
  pages: AsyncIterable<readonly AuditEntry[]>,
  format: Format,
  goesOn: () => Promise<unknown>,
): AsyncGenerator<Uint8Array> {
  const bytes = (lines: readonly string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);
  const rowOf = format === 'csv' ? auditCsvRow : (entry: AuditEntry) => JSON.stringify(entry);
  if (format === 'csv') yield bytes([auditCsvHead]);
  for await (const entries of pages) {
    await goesOn();
    yield bytes(entries.map(rowOf));
  }
}

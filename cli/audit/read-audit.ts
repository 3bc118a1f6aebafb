import type { Client } from '../../client/index.ts';
import type { QueryOf } from '../../protocol/contracts.ts';
import { limits } from '../../protocol/limits.ts';
import type { AuditEntry } from '../../protocol/shapes/audit.ts';

/** A page of lines, and whether older ones follow. */
interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly isMore: boolean;
}

/** Lines of the audit log, newest first and page by page, at most `most`. */
export async function* readAudit(
  client: Client,
  which: QueryOf<'listAudit'>,
  most: number,
): AsyncGenerator<AuditPage> {
  let left = most;
  let cursor: string | undefined;
  do {
    const limit = Math.min(left, limits.maxPageSize);
    const page = await client.call('listAudit', { query: { ...which, limit, cursor } });
    left -= page.entries.length;
    yield { entries: page.entries, isMore: page.next_cursor !== null };
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && left > 0);
}

import type { Client } from '../../client/index.ts';
import { limits } from '../../protocol/limits.ts';
import type { Token } from '../../protocol/shapes/admin.ts';

/** All tokens that the caller may see, page by page. */
export async function listTokens(client: Client, orgId: string | undefined): Promise<Token[]> {
  const all: Token[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { limit: limits.maxPageSize, org_id: orgId, cursor };
    const { tokens, next_cursor } = await client.call('listTokens', { query });
    all.push(...tokens);
    if (next_cursor === null) return all;
    cursor = next_cursor;
  }
}

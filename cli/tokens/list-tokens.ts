import type { Client } from '../../client/index.ts';
import type { Token } from '../../protocol/shapes/admin.ts';
import { allPages } from '../all-pages.ts';

/** All tokens that the caller may see. */
export const listTokens = (client: Client, orgId: string | undefined): Promise<Token[]> =>
  allPages(async (start) => {
    const { tokens, next_cursor } = await client.call('listTokens', { query: { ...start, org_id: orgId } });
    return { rows: tokens, next: next_cursor };
  });

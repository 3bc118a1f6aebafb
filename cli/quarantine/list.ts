import type { Client } from '../../client/index.ts';
import type { Quarantine } from '../../protocol/shapes/quarantine.ts';
import { allPages } from '../all-pages.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { print, printJson, say } from '../output/print.ts';
import { quarantineTable } from './describe-quarantine.ts';

export interface ListFlags extends ConnectionFlags {
  readonly ended?: true;
  readonly orgId?: string;
  readonly json?: true;
}

/** Those of an org in one status. */
export const readQuarantines = (
  client: Client,
  status: Quarantine['status'],
  orgId: string | undefined,
): Promise<Quarantine[]> =>
  allPages(async (start) => {
    const page = await client.call('listQuarantines', { query: { ...start, status, org_id: orgId } });
    return { rows: page.quarantines, next: page.next_cursor };
  });

/** Prints those that hold, or that have ended, as a table or as an array of Quarantines. */
export async function listQuarantines({ ended, orgId, json, ...flags }: ListFlags): Promise<void> {
  const all = await readQuarantines(connect(flags), ended ? 'ended' : 'active', orgId);
  if (json) return printJson(all);
  for (const line of quarantineTable(all, process.stdout.columns)) print(line);
  if (all.length === 0) say(ended ? 'no quarantine has ended' : 'no test is in quarantine');
}

import { type Command, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import { runStatuses } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { runTable } from '../output/run-table.ts';
import { showView } from '../watch/show-view.ts';
import type { View } from '../watch/view.ts';
import { addWatch, type WatchFlags } from '../watch/watch-flags.ts';

interface Flags extends ConnectionFlags, WatchFlags {
  readonly orgId?: string;
  readonly status?: (typeof runStatuses)[number] | 'completed';
  readonly appVersionId?: string;
  readonly limit: number;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description('List runs, newest first.')
    .option('--org-id <id>', 'of this org')
    .addOption(new Option('--status <status>', 'in this status').choices([...runStatuses, 'completed']))
    .option('--app-version-id <id>', 'of this app version')
    .option('--limit <number>', 'at most this many, up to 500', wholeNumber, 20)
    .option('--json', 'print an array of Runs');
  addConnection(addWatch(command)).action(async (flags: Flags) => done(await list(flags)));
}

const list = (flags: Flags): Promise<number> =>
  showView(connect(flags), flags, (client) => read(client, flags));

async function read(client: Client, flags: Flags): Promise<View> {
  const { runs, next_cursor: next } = await client.call('listRuns', {
    query: {
      limit: flags.limit,
      org_id: flags.orgId,
      status: flags.status,
      app_version_id: flags.appVersionId,
    },
  });
  return {
    json: runs,
    lines: (width) => runTable(runs, width),
    notes: runs.length === 0 ? ['no runs'] : [],
    warnings: next === null ? [] : [`only the newest ${runs.length} are shown; see --limit and the filters`],
  };
}

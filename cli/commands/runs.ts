import { type Command, Option } from 'commander';
import { runStatuses } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { runTable } from '../output/run-table.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly status?: (typeof runStatuses)[number] | 'completed';
  readonly appVersionId?: string;
  readonly limit: number;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description('List runs, newest first.')
    .option('--org-id <id>', 'of this org')
    .addOption(new Option('--status <status>', 'in this status').choices([...runStatuses, 'completed']))
    .option('--app-version-id <id>', 'of this app version')
    .option('--limit <number>', 'at most this many, up to 500', wholeNumber, 20)
    .option('--json', 'print an array of Runs');
  addConnection(command).action(list);
}

async function list(flags: Flags): Promise<void> {
  const { runs, next_cursor: next } = await connect(flags).call('listRuns', {
    query: {
      limit: flags.limit,
      org_id: flags.orgId,
      status: flags.status,
      app_version_id: flags.appVersionId,
    },
  });
  if (next !== null) say(`only the newest ${runs.length} are shown; see --limit and the filters`);
  if (flags.json) return printJson(runs);
  for (const line of runTable(runs, process.stdout.columns)) print(line);
  if (runs.length === 0) say('no runs');
}

import type { Command } from 'commander';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { groupTable } from '../fleet/fleet-tables.ts';
import { readGroups } from '../fleet/read-fleet.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description('List the queue as groups of jobs that share an install: same org, app version and target.')
    .option('--org-id <id>', 'of this org')
    .option('--json', 'print an array of Groups');
  addConnection(command).action(list);
}

async function list(flags: Flags): Promise<void> {
  const groups = await readGroups(connect(flags), flags.orgId);
  if (flags.json) return printJson(groups);
  for (const line of groupTable(groups, process.stdout.columns)) print(line);
  if (groups.length === 0) say('nothing is queued or running');
}

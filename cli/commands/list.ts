import { type Command, Option } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { jobStatuses } from '../../protocol/states.ts';
import { isTarget, unknownTarget } from '../../protocol/targets.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { jobTable } from '../output/job-table.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly status?: (typeof jobStatuses)[number] | 'completed';
  readonly appVersionId?: string;
  readonly target?: string;
  readonly run?: string;
  readonly limit: number;
  readonly json?: true;
  readonly format?: 'table' | 'json';
}

export function define(command: Command): void {
  command
    .description('List jobs, newest first.')
    .option('--org-id <id>', 'of this org')
    .addOption(new Option('--status <status>', 'in this status').choices([...jobStatuses, 'completed']))
    .option('--app-version-id <id>', 'of this app version')
    .option('--target <target>', 'for this target')
    .option('--run <id>', 'of this run')
    .option('--limit <number>', 'at most this many, up to 500', wholeNumber, 50)
    .option('--json', 'print an array of Jobs')
    .addOption(new Option('--format <format>', 'json is the same as --json').choices(['table', 'json']));
  addConnection(command).action(list);
}

async function list(flags: Flags): Promise<void> {
  if (flags.target !== undefined && !isTarget(flags.target)) {
    throw new QgjobError('invalid', unknownTarget(flags.target));
  }
  const answer = await connect(flags).call('listJobs', {
    query: {
      limit: flags.limit,
      org_id: flags.orgId,
      status: flags.status,
      app_version_id: flags.appVersionId,
      target: flags.target,
      run_id: flags.run,
    },
  });
  if (flags.json || flags.format === 'json') return printJson(answer.jobs);
  for (const line of jobTable(answer.jobs, process.stdout.columns)) print(line);
  if (answer.jobs.length === 0) say('no jobs');
  if (answer.next_cursor !== null)
    say(`only the newest ${answer.jobs.length} are shown; see --limit and the filters`);
}

import { type Command, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { jobStatuses } from '../../protocol/states.ts';
import { isTarget, unknownTarget } from '../../protocol/targets.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { jobTable } from '../output/job-table.ts';
import { showView } from '../watch/show-view.ts';
import type { View } from '../watch/view.ts';
import { addWatch, type WatchFlags } from '../watch/watch-flags.ts';

interface Flags extends ConnectionFlags, WatchFlags {
  readonly orgId?: string;
  readonly status?: (typeof jobStatuses)[number] | 'completed';
  readonly appVersionId?: string;
  readonly target?: string;
  readonly run?: string;
  readonly limit: number;
  readonly format?: 'table' | 'json';
}

export function define(command: Command, done: (exitCode: number) => void): void {
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
  addConnection(addWatch(command)).action(async (flags: Flags) => done(await list(flags)));
}

async function list(flags: Flags): Promise<number> {
  if (flags.target !== undefined && !isTarget(flags.target)) {
    throw new QgjobError('invalid', unknownTarget(flags.target));
  }
  const json = flags.json || flags.format === 'json' || undefined;
  return showView(connect(flags), { ...flags, ...(json && { json }) }, (client) => read(client, flags));
}

async function read(client: Client, flags: Flags): Promise<View> {
  const { jobs, next_cursor: next } = await client.call('listJobs', {
    query: {
      limit: flags.limit,
      org_id: flags.orgId,
      status: flags.status,
      app_version_id: flags.appVersionId,
      target: flags.target,
      run_id: flags.run,
    },
  });
  return {
    json: jobs,
    lines: (width) => jobTable(jobs, width),
    notes: jobs.length === 0 ? ['no jobs'] : [],
    warnings: next === null ? [] : [`only the newest ${jobs.length} are shown; see --limit and the filters`],
  };
}

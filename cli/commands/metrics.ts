import { type Command, Option } from 'commander';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { describeFigures } from '../metrics/describe-figures.ts';
import { addConnection } from '../options.ts';
import { print, printJson } from '../output/print.ts';

const windows = ['1h', '24h', '7d'] as const;

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly window: (typeof windows)[number];
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'What was done: jobs a minute, how long tests and waits took, success by org, installs saved, how far devices are in use. Prometheus reads GET /metrics instead.',
    )
    .option('--org-id <id>', 'of this org')
    .addOption(new Option('--window <time>', 'of how long').choices(windows).default('24h'))
    .option('--json', 'print the Stats with `figures`');
  addConnection(command).action(async ({ orgId, window, json, ...flags }: Flags) => {
    const query = { window, ...(orgId !== undefined && { org_id: orgId }) };
    const stats = await connect(flags).call('getStats', { query });
    if (json) return printJson(stats);
    const { figures } = stats;
    // A server of an older version has none.
    if (!figures) return print('this server does not tell what was done; it is older than this command');
    for (const line of describeFigures(stats, figures, process.stdout.columns)) print(line);
  });
}

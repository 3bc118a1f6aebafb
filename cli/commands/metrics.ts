import { type Command, InvalidArgumentError, Option } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { describeFigures } from '../metrics/describe-figures.ts';
import { readWorst } from '../metrics/read-worst.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

const windows = ['1h', '24h', '7d', '30d', '90d'] as const;

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly window: (typeof windows)[number];
  readonly minutePrice?: number;
  readonly csv?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'What was done: how long people waited, success and times by target and org, use of devices, installs saved, the slowest and the flakiest tests, what a cloud costs. Prometheus reads GET /metrics instead.',
    )
    .option('--org-id <id>', 'of this org')
    .addOption(new Option('--window <time>', 'of how long').choices(windows).default('24h'))
    .option('--minute-price <number>', "what a minute of a cloud's device costs, to tell its cost", price)
    .option('--csv', 'print one table as CSV, for spreadsheets')
    .option('--json', 'print the Stats with `figures`');
  addConnection(command).action(metrics);
}

function price(text: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Use a number, like 0.12');
  return Number(text);
}

async function metrics({ orgId, window, minutePrice, csv, json, ...flags }: Flags): Promise<void> {
  if (csv && json) throw new QgjobError('invalid', '--csv: give it or --json, not both');
  const client = connect(flags);
  const query = { window, ...(orgId !== undefined && { org_id: orgId }) };
  const stats = await client.call('getStats', { query });
  if (json) return printJson(stats);
  const { figures } = stats;
  // A server of an older version has none.
  if (!figures) return say('this server does not tell what was done; it is older than this command');
  const worst = await readWorst(client, orgId);
  if (worst === undefined)
    say('the slowest and the flakiest tests are those of one org: name it by --org-id');
  const width = process.stdout.columns;
  const lines = csv
    ? (await import('../metrics/figures-csv.ts')).figuresCsv(figures, worst, minutePrice)
    : describeFigures(stats, figures, { width, minutePrice, worst });
  for (const line of lines) print(line);
}

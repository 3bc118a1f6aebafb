import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Figures } from '../../protocol/shapes/figures.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { describeFigures } from '../metrics/describe-figures.ts';
import { readWorst } from '../metrics/read-worst.ts';
import { addConnection } from '../options.ts';
import { showView } from '../watch/show-view.ts';
import type { View } from '../watch/view.ts';
import { addWatch, type WatchFlags } from '../watch/watch-flags.ts';

const windows = ['1h', '24h', '7d', '30d', '90d'] as const;

interface Flags extends ConnectionFlags, WatchFlags {
  readonly orgId?: string;
  readonly window: (typeof windows)[number];
  readonly minutePrice?: number;
  readonly csv?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'What was done: how long people waited, success and times by target and org, use of devices, installs saved, the slowest and the flakiest tests, what a cloud costs. Prometheus reads GET /metrics instead.',
    )
    .option('--org-id <id>', 'of this org')
    .addOption(new Option('--window <time>', 'of how long').choices(windows).default('24h'))
    .option('--minute-price <number>', "what a minute of a cloud's device costs, to tell its cost", price)
    .option('--csv', 'print one table as CSV, for spreadsheets')
    .option('--json', 'print the Stats with `figures`');
  addConnection(addWatch(command)).action(async (flags: Flags) => done(await metrics(flags)));
}

function price(text: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Use a number, like 0.12');
  return Number(text);
}

async function metrics(flags: Flags): Promise<number> {
  if (flags.csv && flags.json) throw new QgjobError('invalid', '--csv: give it or --json, not both');
  return showView(connect(flags), flags, (client) => read(client, flags));
}

async function read(client: Client, { orgId, window, minutePrice, csv, json }: Flags): Promise<View> {
  const query = { window, ...(orgId !== undefined && { org_id: orgId }) };
  const stats = await client.call('getStats', { query });
  const { figures } = stats;
  if (json || !figures)
    return {
      json: stats,
      changes: { ...stats, figures: figures && withoutInstants(figures) },
      lines: () => [],
      // A server of an older version has none.
      notes: figures ? [] : ['this server does not tell what was done; it is older than this command'],
    };
  const worst = await readWorst(client, orgId);
  const { figuresCsv } = await import('../metrics/figures-csv.ts');
  return {
    json: stats,
    changes: { ...stats, figures: withoutInstants(figures), worst },
    lines: (width) =>
      csv
        ? figuresCsv(figures, worst, minutePrice)
        : describeFigures(stats, figures, { width, minutePrice, worst }),
    notes:
      worst === undefined
        ? ['the slowest and the flakiest tests are those of one org: name it by --org-id']
        : [],
  };
}

/** The window moves on with each look. */
const withoutInstants = ({ from: _from, to: _to, ...figures }: Figures) => figures;

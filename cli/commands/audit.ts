import { type Command, Option } from 'commander';
import type { Client } from '../../client/index.ts';
import { type AuditAction, auditActions } from '../../protocol/audit-actions.ts';
import { auditCsvHead, auditCsvRow } from '../../protocol/audit-csv.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { AuditEntry } from '../../protocol/shapes/audit.ts';
import { auditTable } from '../audit/audit-table.ts';
import { instantOfFlag } from '../audit/instant-of-flag.ts';
import { readAudit } from '../audit/read-audit.ts';
import { now } from '../clock.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly action?: AuditAction;
  /** The id of the token that did it. `token` is the one that the command itself uses. */
  readonly byToken?: string;
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly csv?: true;
  readonly json?: true;
}

const linesShown = 50;

export function define(command: Command): void {
  command
    .description(
      'Who did what to which id, from where and by which token, newest first. Needs a token with the scope admin.',
    )
    .option('--org-id <id>', 'of this org')
    .addOption(
      new Option('--action <action>', 'this alone: token.created and the like').choices(auditActions),
    )
    .option('--by-token <id>', 'done by the token with this id')
    .option('--target <id>', 'done to this id: of a run, a token, a device, an org')
    .option('--since <time>', 'from then on: 7d ago, a day like 2026-12-24, or an instant')
    .option('--until <time>', 'before then')
    .option('--limit <number>', `at most this many; by default ${linesShown}, with --csv all`, wholeNumber)
    .option('--csv', 'print one table as CSV, for spreadsheets')
    .option('--json', 'print an array of AuditEntries');
  addConnection(command).action(showAudit);
}

async function showAudit(flags: Flags): Promise<void> {
  if (flags.csv && flags.json) throw new QgjobError('invalid', '--csv: give it or --json, not both');
  if (flags.limit === 0) throw new QgjobError('invalid', '--limit: at least 1');
  const at = (flag: string, text: string | undefined) =>
    text === undefined ? undefined : instantOfFlag(flag, text, now());
  const which = {
    ...{ org_id: flags.orgId, action: flags.action, token_id: flags.byToken, target: flags.target },
    ...{ since: at('--since', flags.since), until: at('--until', flags.until) },
  };
  const client = connect(flags);
  if (flags.csv) return printCsv(client, which, flags.limit);
  const entries: AuditEntry[] = [];
  let isMore = false;
  for await (const page of readAudit(client, which, flags.limit ?? linesShown)) {
    entries.push(...page.entries);
    isMore = page.isMore;
  }
  if (flags.json) printJson(entries);
  else for (const line of auditTable(entries, process.stdout.columns)) print(line);
  if (entries.length === 0) say('nothing that fits was written down');
  if (isMore) say(`only the newest ${entries.length} are shown; see --limit and the filters`);
}

/** A page at a time: it may be everything. */
async function printCsv(
  client: Client,
  which: Parameters<typeof readAudit>[1],
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  print(auditCsvHead);
  for await (const { entries } of readAudit(client, which, most))
    for (const entry of entries) print(auditCsvRow(entry));
}

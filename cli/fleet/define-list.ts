import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly json?: true;
}

/** What a command that lists a part of the fleet shows. */
export interface FleetList<T> {
  readonly description: string;
  /** What `--org-id` leaves. */
  readonly ofOrg: string;
  /** What `--json` prints an array of. */
  readonly items: string;
  readonly read: (client: Client, orgId: string | undefined) => Promise<T[]>;
  readonly table: (
    items: readonly T[],
    client: Client,
    orgId: string | undefined,
  ) => Promise<string[]> | string[];
  /** Said where there is none. */
  readonly none: string;
}

/** Defines `qgjob devices` and the like: a table, or JSON. */
export function defineList<T>(command: Command, list: FleetList<T>): void {
  command
    .description(list.description)
    .option('--org-id <id>', list.ofOrg)
    .option('--json', `print an array of ${list.items}`);
  addConnection(command).action(async (flags: Flags) => {
    const client = connect(flags);
    const items = await list.read(client, flags.orgId);
    if (flags.json) return printJson(items);
    for (const line of await list.table(items, client, flags.orgId)) print(line);
    if (items.length === 0) say(list.none);
  });
}

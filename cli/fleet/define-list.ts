import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection } from '../options.ts';
import { showView } from '../watch/show-view.ts';
import { addWatch, type WatchFlags } from '../watch/watch-flags.ts';

interface Flags extends ConnectionFlags, WatchFlags {
  readonly orgId?: string;
}

/** What a command that lists a part of the fleet shows. */
export interface FleetList<T> {
  readonly description: string;
  /** What `--org-id` leaves. */
  readonly ofOrg: string;
  /** What `--json` prints an array of. */
  readonly items: string;
  readonly read: (client: Client, orgId: string | undefined) => Promise<T[]>;
  /** The lines of a table for so many columns. */
  readonly table: (
    items: readonly T[],
    client: Client,
    orgId: string | undefined,
  ) => Promise<TableLines> | TableLines;
  /** What counts as a change for a watch; default: all. */
  readonly changes?: (items: readonly T[]) => unknown;
  /** Said where there is none. */
  readonly none: string;
}

type TableLines = (width: number | undefined) => string[];

/** Defines `qgjob devices` and the like: a table, or JSON. */
export function defineList<T>(command: Command, list: FleetList<T>, done: (exitCode: number) => void): void {
  command
    .description(list.description)
    .option('--org-id <id>', list.ofOrg)
    .option('--json', `print an array of ${list.items}`);
  addConnection(addWatch(command)).action(async (flags: Flags) => {
    const read = async (client: Client) => {
      const items = await list.read(client, flags.orgId);
      return {
        json: items,
        ...(list.changes && { changes: list.changes(items) }),
        lines: flags.json ? () => [] : await list.table(items, client, flags.orgId),
        notes: items.length === 0 ? [list.none] : [],
      };
    };
    done(await showView(connect(flags), flags, read));
  });
}

import type { Command } from 'commander';
import { defineList } from '../fleet/define-list.ts';
import { groupTable } from '../fleet/fleet-tables.ts';
import { readGroups } from '../fleet/read-fleet.ts';

export const define = (command: Command, done: (exitCode: number) => void): void =>
  defineList(
    command,
    {
      description:
        'List the queue as groups of jobs that share an install: same org, app version and target.',
      ofOrg: 'of this org',
      items: 'Groups',
      read: readGroups,
      table: (groups) => (width) => groupTable(groups, width),
      none: 'nothing is queued or running',
    },
    done,
  );

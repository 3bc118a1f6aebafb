import type { Command } from 'commander';
import { defineBorrow } from '../borrow/define-borrow.ts';
import { defineExtend, defineReturn } from '../borrow/define-return.ts';
import { defineList } from '../fleet/define-list.ts';
import { deviceTable } from '../fleet/fleet-tables.ts';
import { readAgents, readDevices } from '../fleet/read-fleet.ts';
import { defineSwitch } from '../fleet/switch-device.ts';

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'List the devices, what runs on them, and why one that is benched gets no tests; borrow one for yourself; pause or resume one. Without a command of its own it lists them.',
    )
    .helpCommand(false);
  defineList(
    command.command('list', { isDefault: true }),
    {
      description: 'List the devices, what runs on them, and why one that is benched gets no tests.',
      ofOrg: 'of this org, and the shared ones',
      items: 'Devices',
      read: readDevices,
      table: async (devices, client, orgId) => {
        const agents = await readAgents(client, orgId);
        return (width) => deviceTable(devices, agents, width);
      },
      none: 'no devices: `qgjob agent` offers those of its host',
    },
    done,
  );
  defineSwitch(command.command('pause'), {
    summary: 'give a device no more tests',
    description: 'Give a device no more tests; the lease that it has goes on.',
    paused: true,
  });
  defineSwitch(command.command('resume'), {
    summary: 'give a device tests again',
    description:
      'Give a device tests again: one that was paused, or benched since it failed far more than those beside it.',
    paused: false,
  });
  defineBorrow(command.command('borrow'), done);
  defineExtend(command.command('extend'));
  defineReturn(command.command('return'));
}

import type { Command } from 'commander';
import { defineList } from '../fleet/define-list.ts';
import { deviceTable } from '../fleet/fleet-tables.ts';
import { readAgents, readDevices } from '../fleet/read-fleet.ts';

export const define = (command: Command): void =>
  defineList(command, {
    description: 'List the devices, what runs on them, and why one that is benched gets no tests.',
    ofOrg: 'of this org, and the shared ones',
    items: 'Devices',
    read: readDevices,
    table: async (devices, client, orgId) =>
      deviceTable(devices, await readAgents(client, orgId), process.stdout.columns),
    none: 'no devices: `qgjob agent` offers those of its host',
  });

import type { Command } from 'commander';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { deviceTable } from '../fleet/fleet-tables.ts';
import { readAgents, readDevices } from '../fleet/read-fleet.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description('List the devices, what runs on them, and why one that is benched gets no tests.')
    .option('--org-id <id>', 'of this org, and the shared ones')
    .option('--json', 'print an array of Devices');
  addConnection(command).action(list);
}

async function list(flags: Flags): Promise<void> {
  const client = connect(flags);
  const devices = await readDevices(client, flags.orgId);
  if (flags.json) return printJson(devices);
  const agents = await readAgents(client, flags.orgId);
  for (const line of deviceTable(devices, agents, process.stdout.columns)) print(line);
  if (devices.length === 0) say('no devices: `qgjob agent` offers those of its host');
}

import type { Command } from 'commander';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { agentTable } from '../fleet/fleet-tables.ts';
import { readAgents } from '../fleet/read-fleet.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description('List the agents, their devices and when they were last heard of.')
    .option('--org-id <id>', 'of this org, and the shared ones')
    .option('--json', 'print an array of Agents');
  addConnection(command).action(list);
}

async function list(flags: Flags): Promise<void> {
  const agents = await readAgents(connect(flags), flags.orgId);
  if (flags.json) return printJson(agents);
  for (const line of agentTable(agents, process.stdout.columns)) print(line);
  if (agents.length === 0) say('no agents');
}

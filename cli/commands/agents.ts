import type { Command } from 'commander';
import { defineList } from '../fleet/define-list.ts';
import { agentTable } from '../fleet/fleet-tables.ts';
import { readAgents } from '../fleet/read-fleet.ts';

export const define = (command: Command): void =>
  defineList(command, {
    description: 'List the agents, their devices and when they were last heard of.',
    ofOrg: 'of this org, and the shared ones',
    items: 'Agents',
    read: readAgents,
    table: (agents) => agentTable(agents, process.stdout.columns),
    none: 'no agents',
  });

import type { Command } from 'commander';
import { defineList } from '../fleet/define-list.ts';
import { agentTable } from '../fleet/fleet-tables.ts';
import { readAgents } from '../fleet/read-fleet.ts';

export const define = (command: Command, done: (exitCode: number) => void): void =>
  defineList(
    command,
    {
      description: 'List the agents, their devices and when they were last heard of.',
      ofOrg: 'of this org, and the shared ones',
      items: 'Agents',
      read: readAgents,
      table: (agents) => (width) => agentTable(agents, width),
      // Each heartbeat would be one.
      changes: (agents) => agents.map(({ last_seen_at: _, ...agent }) => agent),
      none: 'no agents',
    },
    done,
  );

import type { Command } from 'commander';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addConnection } from '../options.ts';

interface Flags extends ConnectionFlags {
  readonly orgId?: string;
  readonly readOnly?: boolean;
}

export function define(command: Command): void {
  command
    .description(
      'Serve the Model Context Protocol on stdin and stdout: tools with which coding agents submit tests, wait, and find out why one failed.',
    )
    .option('--org-id <id>', 'the org of all calls, where the token belongs to none')
    .option('--read-only', 'only tools that change nothing');
  addConnection(command).action(async ({ orgId, readOnly = false, ...flags }: Flags) => {
    const client = connect(flags);
    const { serveMcp } = await import('../mcp/serve-mcp.ts');
    await serveMcp(client, { orgId, readOnly });
  });
}

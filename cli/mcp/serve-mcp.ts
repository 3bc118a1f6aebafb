import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Client } from '../../client/index.ts';
import { jsonLine, say } from '../output/print.ts';
import { packageVersion } from '../version.ts';
import { borrowTools } from './borrow-tools.ts';
import { readTools } from './read-tools.ts';
import type { Tool } from './tool.ts';
import { workTools } from './work-tools.ts';

export interface McpOptions {
  readonly orgId: string | undefined;
  /** Offers only the tools that change nothing. */
  readonly readOnly: boolean;
}

/** Serves the Model Context Protocol on stdin and stdout until stdin ends. */
export async function serveMcp(client: Client, { orgId, readOnly }: McpOptions): Promise<void> {
  const tools = [...readTools, ...workTools, ...borrowTools].filter((tool) => tool.isReadOnly || !readOnly);
  const handle = serveStdio(
    () => {
      const server = new McpServer({ name: 'qgjob', version: packageVersion() }, { instructions });
      for (const tool of tools) register(server, tool, client, orgId);
      return server;
    },
    { onerror: (error) => say(`qgjob: ${error.message}`) },
  );
  await new Promise((resolve) => process.stdin.once('end', resolve).once('close', resolve));
  await handle.close();
}

const instructions =
  'qgjob runs tests on phones, emulators and browsers. A run holds jobs, one test file on one target each. explain_run says why a run is red.';

function register(server: McpServer, tool: Tool, client: Client, orgId: string | undefined): void {
  const { name, description, input: inputSchema, isReadOnly } = tool;
  const annotations = { readOnlyHint: isReadOnly, destructiveHint: false };
  server.registerTool(name, { description, inputSchema, annotations }, async (input, { mcpReq }) => {
    const answer = await tool.run({ client, orgId, signal: mcpReq.signal }, input);
    return { content: [{ type: 'text', text: typeof answer === 'string' ? answer : jsonLine(answer) }] };
  });
}

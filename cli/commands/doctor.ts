import type { Command } from 'commander';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { findingLines } from '../doctor/finding-lines.ts';
import { addConnection } from '../options.ts';
import { print, printJson } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly config?: string;
  readonly json?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Look whether this host can run an agent: its settings, tools, disk, isolation and devices, and the server. Each thing that is not as it should be comes with what to do. Changes nothing.',
    )
    .option('--config <file>', 'settings of the agent (qgjob.agent.json, where there is one)')
    .option('--json', 'print an array of findings: what, state (ok, warning, problem), says, cure');
  addConnection(command).action(async (flags: Flags) => done(await examine(flags)));
}

async function examine({ config, json, ...connection }: Flags): Promise<number> {
  const { examineHost } = await import('../../agent/doctor/examine-host.ts');
  const findings = [...(await examineHost({ config })), await examineServer(connection)];
  if (json) printJson(findings);
  else for (const line of findingLines(findings, process.stdout.columns)) print(line);
  return findings.some(({ state }) => state === 'problem') ? exitCodes.failed : exitCodes.success;
}

/** A host may be looked at before there is a server. */
async function examineServer(flags: ConnectionFlags) {
  const what = 'server';
  try {
    const client = connect(flags, 0);
    await client.call('health', {});
    return { what, state: 'ok', says: `${client.url} answers` } as const;
  } catch (error) {
    return { what, state: 'warning', says: (error as Error).message } as const;
  }
}

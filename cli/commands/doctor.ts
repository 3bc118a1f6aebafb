import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { type ConnectionFlags, environment, findConnection } from '../config.ts';
import { connectTo } from '../connect.ts';
import { examineRunning, examineVersion } from '../doctor/examine-server.ts';
import { examineToken } from '../doctor/examine-token.ts';
import { type Finding, findingLines, ofServers } from '../doctor/finding-lines.ts';
import { addConnection } from '../options.ts';
import { print, printJson } from '../output/print.ts';
import { placeOf } from '../whoami/describe-whoami.ts';

interface Flags extends ConnectionFlags {
  readonly config?: string;
  readonly server?: true;
  readonly json?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Look whether this host can run an agent: its settings, tools, disk, isolation and devices, and the server. ' +
        'With --server: whether a server is as it should be. Each thing that is not comes with what to do. Changes nothing.',
    )
    .option('--config <file>', 'settings of the agent (qgjob.agent.json, where there is one)')
    .option(
      '--server',
      'look at the server instead: what it says of itself, and its folder where it is on this host',
    )
    .option('--json', 'print an array of findings: what, state (ok, warning, problem), says, cure');
  addConnection(command).action(async (flags: Flags) => done(await examine(flags)));
}

async function examine({ config, json, server, ...connection }: Flags): Promise<number> {
  if (server) return tell(await examineAll(connection), json, ofServers);
  const { examineHost } = await import('../../agent/doctor/examine-host.ts');
  const findings = [...(await examineHost({ config })), ...(await examineServer(connection))];
  return tell(findings, json);
}

function tell(findings: readonly Finding[], json: true | undefined, words?: typeof ofServers): number {
  if (json) printJson(findings);
  else for (const line of findingLines(findings, process.stdout.columns, words)) print(line);
  return findings.some(({ state }) => state === 'problem') ? exitCodes.failed : exitCodes.success;
}

/** A server as a whole: its folder is looked at where it is, whether or not the server runs. */
async function examineAll(flags: ConnectionFlags): Promise<Finding[]> {
  const running = await examineRunning(flags);
  const folder = flags.dataDir || environment().QGJOB_DATA_DIR || '.qgjob';
  if (!existsSync(folder)) return running;
  const { examineServerFolder } = await import('../../server/doctor-folder.ts');
  return [...running, ...(await examineServerFolder({ data_dir: folder }))];
}

/** A host may be looked at before there is a server. */
async function examineServer(flags: ConnectionFlags): Promise<Finding[]> {
  const what = 'server';
  try {
    const found = findConnection(flags);
    const client = connectTo(found, 0);
    const { version } = await client.call('health', {});
    const says = `${client.url} (from ${placeOf(found.urlFrom)}) answers`;
    return [{ what, state: 'ok', says } as const, await examineToken(client, found), examineVersion(version)];
  } catch (error) {
    return [{ what, state: 'warning', says: (error as Error).message } as const];
  }
}

import type { Command } from 'commander';
import { glob } from 'tinyglobby';
import { QgjobError } from '../../protocol/errors.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import type { RunningServer } from '../../server/start.ts';
import { environment } from '../config.ts';
import { print, say } from '../output/print.ts';
import { hideSecrets } from '../start-anew.ts';
import { takeOver } from '../take-over.ts';
import { readTokenFile } from '../token-file.ts';

interface Flags {
  readonly port?: string;
  readonly dataDir?: string;
  readonly tokenFile?: string;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Server and agent in one process, for trying things out: an embedded database, 2 simulated devices of each ' +
        'target, tests of the current folder, run as qgjob.agent.json says where there is one.',
    )
    .option('--port <port>', 'port to listen on; 0 takes a free one (QGJOB_PORT, default 8080)')
    .option('--data-dir <folder>', "the server's folder (QGJOB_DATA_DIR, default .qgjob)")
    .option(
      '--token-file <file>',
      "a file with the operator's token, where the server's folder has none (QGJOB_TOKEN); - is stdin",
    )
    .action(async (flags: Flags) => done(await runDev(flags)));
}

/** For a person at a terminal: errors, not each refused call. */
const quiet = { QGJOB_LOG_LEVEL: 'error' };

/** A server and an agent on simulated devices, until a signal. Errors: those of the server's start. */
async function runDev(flags: Flags): Promise<number> {
  const { token: handed, variables } = takeOver();
  const given =
    handed ?? (flags.tokenFile === undefined ? variables.QGJOB_TOKEN : readTokenFile(flags.tokenFile));
  hideSecrets(given);
  const { readConfig } = await import('../../server/config.ts');
  const { startServer } = await import('../../server/start.ts');
  const { runAgent } = await import('../../agent/main.ts');
  const config = readConfig({ port: flags.port, data_dir: flags.dataDir }, { ...quiet, ...variables });
  const server = await startServer(config);
  const stop = hookStopSignals();
  try {
    const token = server.adminToken || given;
    if (!token) throw noToken(config.data_dir);
    await greet(server, flags);
    return await runAgent({
      ...{ serverUrl: server.url, token, simulated: true, signal: stop.drain, kill: stop.kill },
      makesOwnToken: server.adminToken !== '' || nameOfToken(token)?.kind === 'op',
      serverFolder: config.data_dir,
      tokenFiles: [flags.tokenFile ?? '-'].filter((file) => file !== '-'),
      variables,
    });
  } finally {
    await server.close();
    stop.unhook();
  }
}

async function greet(server: RunningServer, { dataDir }: Flags): Promise<void> {
  const test = await exampleTest(process.cwd());
  const where = dataDir === undefined ? '' : ` --data-dir=${dataDir}`;
  print(`qgjob dev: server on ${server.url}`);
  print('Submit from another terminal in this folder, for example:');
  // npm says so to what `npx` starts: there is no `qgjob` on the PATH then.
  const program = environment().npm_command === 'exec' ? 'npx qgjob' : 'qgjob';
  print(`  ${program} submit${where} --org-id=demo --app-version-id=v1 --test=${test} --wait`);
  print('Ctrl-C ends both.');
}

const noToken = (dataDir: string): QgjobError =>
  new QgjobError(
    'unauthorized',
    `the database in ${dataDir} has a token already, but there is no ${dataDir}/admin.token; give --token-file or set QGJOB_TOKEN, or take another --data-dir`,
  );

const likely = ['*.{spec,test}.*', '{tests,test,e2e,__tests__}/**/*.{spec,test}.*', '.maestro/*.yaml'];

/** A test of this folder for the printed example; an invented one where none is found. */
async function exampleTest(cwd: string): Promise<string> {
  const found = await glob(likely, {
    cwd,
    deep: 4,
    ignore: ['**/node_modules/**'],
    followSymbolicLinks: false,
  });
  return found.sort()[0] ?? 'tests/example.spec.js';
}

interface StopSignals {
  /** The first SIGINT or SIGTERM. */
  readonly drain: AbortSignal;
  /** The second one. */
  readonly kill: AbortSignal;
  unhook(): void;
}

/** The two stages of a stop. A third signal ends the process at once. */
function hookStopSignals(): StopSignals {
  const drain = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (drain.signal.aborted) {
      unhook();
      kill.abort();
    } else {
      say('stopping: running tests may end, a second signal stops them');
      drain.abort();
    }
  };
  // The terminal was closed: nobody waits for a drain.
  const onHangUp = (): void => {
    drain.abort();
    kill.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on('SIGHUP', onHangUp);
  const unhook = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('SIGHUP', onHangUp);
  };
  return { drain: drain.signal, kill: kill.signal, unhook };
}

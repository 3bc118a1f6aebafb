import { runAgent } from '../../agent/main.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { readConfig } from '../../server/config.ts';
import { type RunningServer, startServer } from '../../server/start.ts';
import { environment } from '../config.ts';
import { print } from '../output/print.ts';
import { exampleTest } from './example-test.ts';
import { hookStopSignals } from './stop-signals.ts';

export interface DevFlags {
  readonly port?: string | undefined;
  readonly dataDir?: string | undefined;
}

/** A person at a terminal wants to hear of troubles, not of each start and stop. */
const quiet = { QGJOB_LOG_LEVEL: 'error' };

/**
 * A server and an agent on simulated devices, until a signal. Resolves to the exit code. Errors: the server's start.
 */
export async function runDev(flags: DevFlags): Promise<number> {
  const config = readConfig({ port: flags.port, data_dir: flags.dataDir }, { ...quiet, ...environment() });
  const server = await startServer(config);
  const stop = hookStopSignals();
  try {
    const token = server.adminToken || environment().QGJOB_TOKEN;
    if (!token) throw noToken(config.data_dir);
    await greet(server, flags);
    return await runAgent({
      serverUrl: server.url,
      token,
      simulated: true,
      signal: stop.drain,
      kill: stop.kill,
    });
  } finally {
    await server.close();
    stop.unhook();
  }
}

async function greet(server: RunningServer, { dataDir }: DevFlags): Promise<void> {
  const test = await exampleTest(process.cwd());
  const where = dataDir === undefined ? '' : ` --data-dir=${dataDir}`;
  print(`qgjob dev: server on ${server.url}`);
  print('Submit from another terminal in this folder, for example:');
  print(`  npx qgjob submit${where} --org-id=demo --app-version-id=v1 --test=${test} --wait`);
  print('Ctrl-C ends both.');
}

const noToken = (dataDir: string): QgjobError =>
  new QgjobError(
    'unauthorized',
    `the database in ${dataDir} has a token already, but there is no ${dataDir}/admin.token; set QGJOB_TOKEN, or take another --data-dir`,
  );

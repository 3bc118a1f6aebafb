import type { Command } from 'commander';

interface Flags {
  readonly port?: string;
  readonly dataDir?: string;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Server and agent in one process, for trying things out: an embedded database, 2 simulated devices of each ' +
        'target, tests of the current folder, run as qgjob.agent.json says where there is one.',
    )
    .option('--port <port>', 'port to listen on; 0 takes a free one (QGJOB_PORT; 8080)')
    .option('--data-dir <folder>', "the server's folder (QGJOB_DATA_DIR; .qgjob)")
    .action(async (flags: Flags) => {
      const { runDev } = await import('../dev/run-dev.ts');
      done(await runDev(flags));
    });
}

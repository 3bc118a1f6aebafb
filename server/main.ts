import { readConfig } from './config.ts';
import { startServer } from './start.ts';

/**
 * `qgjob server`: runs until SIGTERM or SIGINT; resolves to the exit code. Flags by the names of the settings. A signal
 * during the start ends it once it has started; the same signal again ends the process at once.
 */
export async function runServer(flags: Readonly<Record<string, string | undefined>>): Promise<number> {
  const config = readConfig(flags);
  // Before the line that says that it listens: whoever reads it may send a signal at once.
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  const server = await startServer(config);
  process.stdout.write(`qgjob server listening on ${server.url}\n`);
  await signalled;
  await server.close();
  return 0;
}

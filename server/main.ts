import { readConfig } from './config.ts';
import { startServer } from './start.ts';

/** `qgjob server`: runs until SIGTERM or SIGINT; resolves to the exit code. Flags by the names of the settings. */
export async function runServer(flags: Readonly<Record<string, string | undefined>>): Promise<number> {
  const config = readConfig(flags);
  const server = await startServer(config);
  process.stdout.write(`qgjob server listening on ${server.url}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await server.close();
  return 0;
}

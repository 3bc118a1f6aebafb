import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder } from './queue.ts';
import { openServer, type TestServer, type TestServerOptions } from './server.ts';
import { startSqld } from './sqld.ts';

/** Two servers on one libSQL server. */
export async function openServers(
  more: TestServerOptions['flags'] = {},
  artifactLimits?: TestServerOptions['artifactLimits'],
) {
  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  const folder = tempFolder();
  const open = async (name: string): Promise<TestServer> => {
    const blobs = { blob_dir: join(folder, 'blobs') };
    const shared = { database_url: sqld.url, ...blobs, events_interval_ms: '50', ...more };
    const server = await openServer(join(folder, name), {
      flags: shared,
      ...(artifactLimits && { artifactLimits }),
    });
    onTestFinished(() => server.close());
    return server;
  };
  const first = await open('first');
  const second = await open('second');
  return { folder, first, second };
}

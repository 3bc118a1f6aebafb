import { createRequire } from 'node:module';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { noIsolation } from '../isolation/none.ts';
import { createMasks } from '../logs/masks.ts';
import { BusySources } from '../resources/busy-sources.ts';
import type { HostLocks } from '../resources/host-lock.ts';
import type { ServeRequest } from '../serve-once/holder.ts';
import { type ServersInUse, type ServerUse, WebServers } from '../serve-once/web-servers.ts';
import { defaultTiming } from '../timing.ts';
import { makeWorkspace } from './host.ts';

const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');

const serve = (word: string, port: number): string => `
require('node:fs').appendFileSync('starts', 'x');
require('node:http').createServer((_, response) => response.end('${word}')).listen(${port}, '127.0.0.1');`;

/** A suite with one web server that answers with a word; `config` takes the place of its configuration. */
export function suite(word: string, port: number, config?: string): ServeRequest {
  const folder = makeWorkspace({
    'serve.cjs': serve(word, port),
    'playwright.config.ts':
      config ??
      `export default { webServer: { command: 'node serve.cjs', port: ${port}, reuseExistingServer: false } };`,
  });
  const space = { give: async () => undefined, enclose: spaceOf(folder) };
  const env = { PATH: process.env.PATH ?? '', HOME: folder, CI: '1' };
  return { own: join(folder, 'playwright.config.ts'), program: [process.execPath, cli], env, folder, space };
}

const spaceOf =
  (folder: string): ServeRequest['space']['enclose'] =>
  async (command) =>
    (await noIsolation(undefined).openSpace({ folder, root: folder, device: folder })).enclose(command);

/** The web servers of an agent; ended with the test. */
export function open(locks: HostLocks): { servers: WebServers; busy: BusySources } {
  const busy = new BusySources(locks, 20);
  const servers = new WebServers({
    child: { kill: new AbortController().signal, ladder: defaultTiming.ladder, marker: makeWorkspace() },
    mask: createMasks([]),
    limitMs: 60_000,
    idleMs: 60_000,
    lookMs: 20,
    locks,
    busy,
  });
  onTestFinished(() => servers.close());
  return { servers, busy };
}

export const by = (run: string, source = run) => ({ run, config: 'playwright.config.ts', source });
export const answerOf = async (port: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/`)).text();

export function inUse(use: ServerUse): ServersInUse {
  if (typeof use === 'string' || !('release' in use)) throw new Error(JSON.stringify(use));
  return use;
}

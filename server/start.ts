import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pino, { type Logger } from 'pino';
import { ensureAdminToken } from './admin-token.ts';
import { createApp } from './app.ts';
import { Authenticator } from './auth/authenticate.ts';
import { createFolderLogs } from './blobs/log-store.ts';
import { databaseFile, type ServerConfig } from './config.ts';
import { openStore, type Store } from './db/open-store.ts';
import type { HttpDeps } from './http/handler.ts';
import { listen } from './listen.ts';
import type { Deps } from './queue/deps.ts';
import { Doorbell } from './queue/doorbell.ts';
import { findLiveToken, touchToken } from './queue/tokens.ts';
import { Turns } from './queue/turns.ts';
import { createDispatcher } from './scheduler/dispatcher.ts';
import type { Loop } from './scheduler/loop.ts';
import { createReasker, createRescuer, createTicker } from './scheduler/loops.ts';
import { readVersion } from './version.ts';

export interface RunningServer {
  readonly url: string;
  /** The operator token of this data folder; '' where another server made it. */
  readonly adminToken: string;
  /** Answers held calls, ends the loops, writes everything out. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly log?: Logger;
  /** Epoch ms; tests move it. */
  readonly now?: () => number;
}

// Of the 10 s that a stop may take, the rest is for the disk.
const closeGraceMs = 5000;

/** Starts a server; resolves once it listens. Errors: `unavailable` (port taken, database in use), `invalid`. */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  const { log = pino({ level: config.log_level }, pino.destination(2)), now = Date.now } = options;
  mkdirSync(config.data_dir, { recursive: true });
  const store = await openStore(resolve(databaseFile(config)));
  try {
    return await serve(config, store, log, now);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function serve(
  config: ServerConfig,
  store: Store,
  log: Logger,
  now: () => number,
): Promise<RunningServer> {
  const bell = new Doorbell();
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const listening = await listen(config.host, config.port, (request) => answer(request));
  const deps = createDeps(config, store, now, listening.url);
  const loops = createLoops(deps, bell, log);
  const app = wireApp(config, deps, bell, loops, log);
  await ensureAdminToken(deps, config.data_dir);
  const dispatcher = createDispatcher(deps, bell, (error) => log.error({ err: error }, 'dispatcher'));
  await dispatcher.start();
  for (const loop of loops) loop.start();
  answer = (request) => app.fetch(request);
  const forget = writeServerFile(config, listening.url);
  log.info({ url: listening.url, version: readVersion() }, 'listening');
  return {
    url: listening.url,
    adminToken: readAdminToken(config.data_dir),
    async close() {
      bell.stop();
      await Promise.all(loops.map((loop) => loop.stop()));
      await listening.close(closeGraceMs);
      await store.close();
      forget();
      log.info('stopped');
    },
  };
}

const createDeps = (config: ServerConfig, store: Store, now: () => number, url: string): Deps => ({
  db: store.db,
  gate: store.gate,
  now,
  turns: new Turns(),
  settings: {
    leaseTtlMs: config.lease_ttl_ms,
    heartbeatMs: config.heartbeat_ms,
    maxRetries: config.max_retries,
    defaultTarget: config.default_target,
    publicUrl: (config.public_url ?? url).replace(/\/+$/, ''),
  },
});

function createLoops(deps: Deps, bell: Doorbell, log: Logger): Loop[] {
  const onError = (loop: string) => (error: unknown) =>
    log.error({ err: error, loop }, 'a loop failed; it goes on');
  return [createTicker(deps, onError), createReasker(deps, bell, onError), createRescuer(deps, onError)];
}

function wireApp(config: ServerConfig, deps: Deps, bell: Doorbell, loops: readonly Loop[], log: Logger) {
  const authenticator = new Authenticator(
    {
      find: (id) => findLiveToken(deps, id),
      seen: (id) =>
        void touchToken(deps, id).catch((error) => log.warn({ err: error }, 'last_used_at not written')),
    },
    deps.now,
  );
  const startedAt = performance.now();
  const http: HttpDeps = {
    queue: deps,
    bell,
    logs: createFolderLogs(join(config.data_dir, 'blobs')),
    version: readVersion(),
    forgetToken: (id) => authenticator.forget(id),
    health: async () => ({
      ...(await probe(deps)),
      uptimeMs: Math.round(performance.now() - startedAt),
      loops: Object.fromEntries(loops.map((loop) => [loop.name, loop.state])),
    }),
  };
  const allowedOrigins = config.allowed_origins
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean);
  return createApp({ deps: http, authenticator, log, allowedOrigins });
}

/** An empty write: it takes the write lock and so finds a full disk's, a foreign lock's or a read-only file's error. */
async function probe(deps: Deps): Promise<{ isWritable: boolean; error?: string }> {
  try {
    await deps.gate.write([{ sql: 'UPDATE orgs SET weight = weight WHERE false' }]);
    return { isWritable: true };
  } catch (error) {
    return { isWritable: false, error: (error as Error).message };
  }
}

/** Where clients on this machine find the server. */
function writeServerFile(config: ServerConfig, url: string): () => void {
  const file = join(config.data_dir, 'server.json');
  writeFileSync(file, `${JSON.stringify({ url, pid: process.pid, version: readVersion() })}\n`);
  return () => rmSync(file, { force: true });
}

function readAdminToken(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  } catch {
    return '';
  }
}

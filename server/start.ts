import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import pino, { type Logger } from 'pino';
import { QgjobError } from '../protocol/errors.ts';
import { ensureAdminToken, readAdminToken } from './admin-token.ts';
import { createApp } from './app.ts';
import { Authenticator } from './auth/authenticate.ts';
import { LeaseTokens } from './auth/lease-token.ts';
import { createOidcVerifier } from './auth/oidc-verifier.ts';
import { createEventNotifier } from './background/event-notifier.ts';
import type { Loop } from './background/loop.ts';
import { createLoops } from './background/loops.ts';
import { createOutboxLoop } from './background/outbox-loop.ts';
import { blobPlaceOf } from './blob-settings.ts';
import type { ArtifactLimits } from './blobs/artifact-store.ts';
import { type Blobs, openBlobs } from './blobs/open-blobs.ts';
import { createClock, wallClock } from './clock.ts';
import { basePath, databaseFile, retentionOf, type ServerConfig } from './config.ts';
import { createDeps } from './create-deps.ts';
import type { Store } from './db/open-store.ts';
import type { GithubApp } from './github/github-app.ts';
import type { HttpDeps, WebhookRules } from './http/handler.ts';
import { type Listening, listen } from './listen.ts';
import { coversBy, openGithubApp } from './open-github-app.ts';
import { LeaseDispatcher } from './queue/dispatch/index.ts';
import { repairPools } from './queue/fleet/index.ts';
import { newestInstant, repairTimes } from './queue/leases/index.ts';
import { openQueue } from './queue/open-queue.ts';
import { ensureKey, findLiveToken, touchToken } from './queue/orgs/index.ts';
import type { Deps } from './queue/store/deps.ts';
import { WakeUps } from './queue/store/wake-ups.ts';
import { createProbe } from './queue/store/write-probe.ts';
import { writeServerFile } from './server-file.ts';
import { readVersion } from './version.ts';
import { openWebhooks } from './webhook-rules.ts';

export interface RunningServer {
  readonly url: string;
  /** The operator token of this data folder; '' where another server has made it. */
  readonly adminToken: string;
  /** Answers long polls, ends the loops, closes the database. A second call waits for the same stop. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly log?: Logger;
  /** The clock, epoch ms; tests move it. */
  readonly now?: () => number;
  /** Limits that differ from the standard ones. */
  readonly artifactLimits?: Partial<ArtifactLimits>;
}

/** The outside of the server, beside its port and its database. */
interface Outside {
  readonly log: Logger;
  readonly now: () => number;
  readonly blobs: Blobs;
  readonly leaseTokens: LeaseTokens;
  readonly webhooks: WebhookRules;
  readonly app: GithubApp | undefined;
}

// A stop may take 10 s; the rest of that is for the disk.
const closeGraceMs = 5000;

/** Starts a server; resolves once it listens. Errors: `unavailable` (port taken, database in use), `invalid`. */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  const { log = pino({ level: config.log_level }, pino.destination(2)) } = options;
  const store = await openDatabase(config);
  try {
    const now = options.now ?? createClock(await newestInstant(store));
    const leaseTokens = new LeaseTokens(await ensureKey({ sql: store.sql, now }, 'lease_tokens'));
    const webhooks = await openWebhooks(config, { sql: store.sql, now });
    const app = openGithubApp(config, now);
    const blobs = await openBlobs(blobPlaceOf(config), { limits: options.artifactLimits, now: wallClock });
    const listening = await listen(config.host, config.port);
    try {
      return await serve(config, store, listening, { log, now, blobs, leaseTokens, webhooks, app });
    } catch (error) {
      await listening.close(0);
      throw error;
    }
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openDatabase(config: ServerConfig): Promise<Store> {
  const file = resolve(databaseFile(config));
  try {
    // Logs and the database are for the owner alone.
    mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
    const isUsed = config.database_url === undefined && readAdminToken(config.data_dir) !== '';
    return await openQueue(file, { isUsed });
  } catch (error) {
    if (error instanceof QgjobError) throw error;
    const why = (error as Error).message;
    throw new QgjobError('invalid', `cannot use ${config.data_dir} with the database ${file}: ${why}`, {
      cause: error,
    });
  }
}

/** Lets calls in last, once everything that they need is there. */
async function serve(
  config: ServerConfig,
  store: Store,
  listening: Listening,
  outside: Outside,
): Promise<RunningServer> {
  const { log } = outside;
  const wakeUps = new WakeUps();
  const deps = createDeps(config, store, outside, listening.url);
  const onError = (loop: string) => (error: unknown) =>
    log.error({ err: error, loop }, 'a loop failed; it goes on');
  const loops = [
    ...createLoops(deps, wakeUps, outside.blobs, retentionOf(config), onError),
    createOutboxLoop(deps, { ...outside.webhooks, ...outside, version: readVersion() }, onError('outbox')),
  ];
  await repairTimes(deps);
  await repairPools(deps);
  await ensureAdminToken(deps, config.data_dir);
  const notifier = createEventNotifier(deps, wakeUps, (error) => log.error({ err: error }, 'event notifier'));
  await notifier.start();
  listening.open(wireApp(config, deps, wakeUps, loops, outside).fetch);
  const forget = writeServerFile(config.data_dir, listening.url);
  for (const loop of loops) loop.start();
  log.info({ url: listening.url, version: readVersion() }, 'listening');

  async function stop(): Promise<void> {
    const closed = listening.close(closeGraceMs);
    wakeUps.stop();
    await Promise.all([closed, notifier.stop(), ...loops.map((loop) => loop.stop())]);
    try {
      await store.close();
    } finally {
      forget();
    }
    log.info('stopped');
  }

  let stopping: Promise<void> | undefined;
  return {
    url: listening.url,
    adminToken: readAdminToken(config.data_dir),
    close() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function wireApp(
  config: ServerConfig,
  deps: Deps,
  wakeUps: WakeUps,
  loops: readonly Loop[],
  outside: Outside,
) {
  const { log, blobs, leaseTokens, webhooks, app } = outside;
  const authenticator = new Authenticator(
    {
      find: (id) => findLiveToken(deps, id),
      leaseOf: (token) => leaseTokens.leaseOf(token),
      seen: (id) =>
        void touchToken(deps, id).catch((error) => log.warn({ err: error }, 'last_used_at not written')),
    },
    deps.now,
  );
  const startedAt = performance.now();
  const probe = createProbe(deps);
  const http: HttpDeps = {
    queue: deps,
    wakeUps,
    dispatcher: new LeaseDispatcher(deps, wakeUps, (error) =>
      log.error({ err: error }, 'lease polls were not served'),
    ),
    ...blobs,
    webhooks,
    coversRepository: coversBy(app, log),
    version: readVersion(),
    forgetToken: (id) => authenticator.forget(id),
    logUnnoted: (error) => log.warn({ err: error }, 'it was not noted that the client of a run is there'),
    verifyOidc: createOidcVerifier(config.oidc_issuer, deps.settings.publicUrl, deps.now),
    health: async () => ({
      ...(await probe()),
      uptimeMs: Math.round(performance.now() - startedAt),
      loops: Object.fromEntries(loops.map((loop) => [loop.name, loop.state])),
    }),
  };
  return createApp({
    ...{ deps: http, authenticator, log },
    allowedOrigins: config.allowed_origins ?? [],
    basePath: basePath(config),
    publicUrl: config.public_url,
  });
}

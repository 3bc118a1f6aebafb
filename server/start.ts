import pino, { type Logger } from 'pino';
import { openTracer } from '../tracing/tracer.ts';
import { ensureAdminToken, readAdminToken } from './admin-token.ts';
import { LeaseTokens } from './auth/lease-token.ts';
import { LiveCalls } from './auth/live-calls.ts';
import { createAuditLoop } from './background/audit-loop.ts';
import { createEventNotifier, type EventNotifier } from './background/event-notifier.ts';
import { createLoop, type Loop } from './background/loop.ts';
import { createLoops } from './background/loops.ts';
import { createOutboxLoop } from './background/outbox-loop.ts';
import { createQuarantineLoop } from './background/quarantine-loop.ts';
import { createTokenWatch } from './background/token-watch.ts';
import { blobPlaceOf } from './blob-settings.ts';
import type { ArtifactLimits } from './blobs/artifact-store.ts';
import { openBlobs } from './blobs/open-blobs.ts';
import { wallClock } from './clock.ts';
import { huntPauseOf, retentionOf, type ServerConfig } from './config.ts';
import { createDeps } from './create-deps.ts';
import type { Store } from './db/store.ts';
import { type Listening, listen } from './listen.ts';
import { logFailure, loopFailed } from './log-failure.ts';
import { measureQueue } from './metrics/measure-store.ts';
import { Metrics } from './metrics/metrics.ts';
import { openAuditLog } from './open-audit-log.ts';
import { openBackups } from './open-backups.ts';
import { openClock, openDatabase } from './open-database.ts';
import { openGate } from './open-gate.ts';
import { openGithubApp } from './open-github-app.ts';
import { repairWaiting } from './queue/figures/index.ts';
import { repairPools } from './queue/fleet/index.ts';
import { repairTimes } from './queue/leases/index.ts';
import { ensureKey } from './queue/orgs/index.ts';
import type { Deps } from './queue/store/deps.ts';
import { EventFeed } from './queue/store/event-feed.ts';
import { WakeUps } from './queue/store/wake-ups.ts';
import { writeServerFile } from './server-file.ts';
import { readVersion } from './version.ts';
import { openWebhooks } from './webhook-rules.ts';
import { type Outside, wireApp } from './wire-app.ts';

export interface RunningServer {
  readonly url: string;
  /** The operator token of this data folder; '' where another server has made it. */
  readonly adminToken: string;
  /** What it does by itself, between calls. */
  readonly loops: readonly Loop[];
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

const fewConnections = 1000;
const fewWords = 'few connections may be open at a time: raise the limit on open files (ulimit -n)';

// A stop may take 10 s; the rest of that is for the disk.
const closeGraceMs = 5000;

/** Starts a server; resolves once it listens. Errors: `unavailable` (port taken, database in use), `invalid`. */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  const { log = pino({ level: config.log_level }, pino.destination(2)) } = options;
  const store = await openDatabase(config);
  try {
    const { clock, loops } = options.now
      ? { clock: { now: options.now }, loops: [] }
      : await openClock(store, logFailure(log, loopFailed, { loop: 'clock' }));
    const { now } = clock;
    const leaseKey = await ensureKey({ sql: store.sql, now }, 'lease_tokens');
    const leaseTokens = new LeaseTokens(leaseKey);
    const webhooks = await openWebhooks(config, { sql: store.sql, now });
    const app = openGithubApp(config, now);
    const metrics = new Metrics(readVersion());
    const tracer = openTracer(config.otlp_endpoint, 'qgjob-server', readVersion());
    // Uploads stop before submits do, and what is under way goes on.
    const limits = { keepFreeBytes: 2 * config.min_free_bytes, ...options.artifactLimits };
    const blobs = await openBlobs(blobPlaceOf(config), { limits, now: wallClock });
    const backups = await openBackups(config, blobs, now);
    const gate = openGate(config);
    if (gate.most < fewConnections) log.warn({ connections: gate.most }, fewWords);
    const listening = await listen(config.host, config.port, (server) => gate.connections.watch(server));
    try {
      return await serve(config, store, listening, {
        ...{
          log,
          loops,
          ...clock,
          blobs,
          leaseTokens,
          leaseKey,
          webhooks,
          app,
          backups,
          metrics,
          gate,
          tracer,
        },
      });
    } catch (error) {
      await listening.close(0);
      throw error;
    }
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Wakes long polls by what the other servers of the database have written. */
const createEventsLoop = (deps: Deps, notifier: EventNotifier, intervalMs: number): Loop =>
  createLoop({
    ...{ name: 'events', intervalMs, now: deps.now, onError: () => undefined },
    work: () => notifier.runOnce(),
  });

/** Lets calls in last, once everything that they need is there. */
async function serve(
  config: ServerConfig,
  store: Store,
  listening: Listening,
  outside: Outside,
): Promise<RunningServer> {
  const { log } = outside;
  const wakeUps = new WakeUps();
  const feed = new EventFeed();
  const liveCalls = new LiveCalls();
  const { metrics } = outside;
  const sql = measureQueue(store.sql, metrics.series, () => performance.now());
  const deps = createDeps(config, { ...store, sql }, { ...outside, meter: metrics.meter }, listening.url);
  const onError = (loop: string) => logFailure(log, loopFailed, { loop });
  const audit = openAuditLog(deps, log);
  const notifier = createEventNotifier(deps, wakeUps, feed, onError('notifier'));
  const loops = [
    ...outside.loops,
    ...(store.readClock ? [createEventsLoop(deps, notifier, config.events_interval_ms)] : []),
    ...createLoops(deps, wakeUps, outside.blobs, retentionOf(config), onError),
    createAuditLoop(() => audit.writeRefused(), deps.now, onError('audit')),
    createQuarantineLoop(deps, huntPauseOf(config), onError('quarantines')),
    createOutboxLoop(deps, { ...outside.webhooks, ...outside, version: readVersion() }, onError('outbox')),
    createTokenWatch(deps, liveCalls, onError('tokens')),
  ];
  await repairTimes(deps);
  await repairPools(deps);
  await repairWaiting(deps);
  await ensureAdminToken(deps, config.data_dir);
  await notifier.start();
  listening.open(wireApp(config, deps, { wakeUps, feed, loops, liveCalls, audit }, outside).fetch);
  const forget = writeServerFile(config.data_dir, listening.url);
  for (const loop of loops) loop.start();
  log.info({ url: listening.url, version: readVersion() }, 'listening');

  async function stop(): Promise<void> {
    const closed = listening.close(closeGraceMs);
    wakeUps.stop();
    feed.stop();
    await Promise.all([closed, outside.backups.stop(), notifier.stop(), ...loops.map((loop) => loop.stop())]);
    await audit.writeRefused({ isEnd: true });
    try {
      await store.close();
    } finally {
      forget();
    }
    await outside.tracer?.close();
    log.info('stopped');
  }

  let stopping: Promise<void> | undefined;
  return {
    url: listening.url,
    adminToken: readAdminToken(config.data_dir),
    loops,
    close() {
      stopping ??= stop();
      return stopping;
    },
  };
}

import { dirname } from 'node:path';
import { newContext, parseTraceparent } from '../tracing/trace-context.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { LeaseTokens } from './auth/lease-token.ts';
import type { ServerConfig } from './config.ts';
import { databasePlace } from './database-settings.ts';
import type { Store } from './db/store.ts';
import { createRoomCheck } from './free-space.ts';
import { Coalescer } from './queue/store/coalescer.ts';
import type { Deps, QueuedSpan } from './queue/store/deps.ts';
import type { Meter } from './queue/store/meter.ts';

interface Given extends Pick<Deps, 'now' | 'onClockJump'> {
  readonly leaseTokens: LeaseTokens;
  readonly meter: Meter;
  readonly tracer: Tracer | undefined;
}

/** What the verbs of the queue work with in a running server. `url` is where it listens. */
export const createDeps = (
  config: ServerConfig,
  store: Store,
  { now, onClockJump, leaseTokens, meter, tracer }: Given,
  url: string,
): Deps => ({
  db: store.db,
  sql: store.sql,
  now,
  ...(onClockJump && { onClockJump }),
  random: Math.random,
  leaseToken: (leaseId) => leaseTokens.of(leaseId),
  coalescer: new Coalescer(),
  meter,
  ...(tracer && { traceQueued: traceQueued(tracer) }),
  checkRoom: roomCheckOf(config),
  settings: {
    leaseTtlMs: config.lease_ttl_ms,
    heartbeatMs: config.heartbeat_ms,
    maxRetries: config.max_retries,
    defaultTarget: config.default_target,
    publicUrl: config.public_url ?? url,
    maxTokenMs: config.max_token_days * 86_400_000,
  },
});

/** The disk of a libSQL server is for that server to watch. */
function roomCheckOf(config: ServerConfig): Deps['checkRoom'] {
  const place = databasePlace(config);
  if (typeof place !== 'string' || config.min_free_bytes === 0) return undefined;
  return createRoomCheck(dirname(place), config.min_free_bytes);
}

const traceQueued =
  (tracer: Tracer) =>
  ({ traceparent, from, to, jobId, target }: QueuedSpan): void => {
    const parent = parseTraceparent(traceparent);
    const attributes = { 'qgjob.job': jobId, 'qgjob.target': target };
    if (parent)
      tracer.add({ context: newContext(parent), parent, name: 'qgjob queued', from, to, attributes });
  };

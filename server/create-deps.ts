import type { LeaseTokens } from './auth/lease-token.ts';
import type { ServerConfig } from './config.ts';
import type { Store } from './db/store.ts';
import { Coalescer } from './queue/store/coalescer.ts';
import type { Deps } from './queue/store/deps.ts';
import type { Meter } from './queue/store/meter.ts';

interface Given extends Pick<Deps, 'now' | 'onClockJump'> {
  readonly leaseTokens: LeaseTokens;
  readonly meter: Meter;
}

/** What the verbs of the queue work with in a running server. `url` is where it listens. */
export const createDeps = (
  config: ServerConfig,
  store: Store,
  { now, onClockJump, leaseTokens, meter }: Given,
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
  settings: {
    leaseTtlMs: config.lease_ttl_ms,
    heartbeatMs: config.heartbeat_ms,
    maxRetries: config.max_retries,
    defaultTarget: config.default_target,
    publicUrl: config.public_url ?? url,
  },
});

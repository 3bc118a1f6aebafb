import type { Logger } from 'pino';
import type { Tracer } from '../tracing/tracer.ts';
import { replaceAdminToken } from './admin-token.ts';
import { createApp } from './app.ts';
import { Authenticator } from './auth/authenticate.ts';
import { LeaseOrgs } from './auth/lease-orgs.ts';
import type { LeaseTokens } from './auth/lease-token.ts';
import type { LiveCalls } from './auth/live-calls.ts';
import { createOidcVerifier } from './auth/oidc-verifier.ts';
import type { Loop } from './background/loop.ts';
import type { Backups } from './backup/create-backups.ts';
import type { Blobs } from './blobs/open-blobs.ts';
import type { AuditLog } from './calls/audit-log.ts';
import { basePath, type ServerConfig } from './config.ts';
import { databasePlace } from './database-settings.ts';
import type { Gate } from './gate/gate.ts';
import type { GithubApp } from './github/github-app.ts';
import type { HttpDeps, WebhookRules } from './http/handler.ts';
import { logFailure } from './log-failure.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { QueueClock } from './open-database.ts';
import { reportsBy } from './open-github-app.ts';
import { LeaseDispatcher } from './queue/dispatch/index.ts';
import {
  endSession,
  endSessionsOf,
  findLiveToken,
  findSession,
  storeSession,
  touchToken,
} from './queue/orgs/index.ts';
import type { Deps } from './queue/store/deps.ts';
import type { EventFeed } from './queue/store/event-feed.ts';
import { findLeaseOrg } from './queue/store/find-lease.ts';
import type { WakeUps } from './queue/store/wake-ups.ts';
import { createProbe } from './queue/store/write-probe.ts';
import { readVersion } from './version.ts';
import { readAssets } from './web/assets.ts';
import { cookieName } from './web/session/cookie.ts';
import { Sessions } from './web/session/sessions.ts';

/** The outside of the server, beside its port and its database. */
export interface Outside extends QueueClock {
  readonly log: Logger;
  /** Loops that keep these up to date. */
  readonly loops: readonly Loop[];
  readonly blobs: Blobs;
  readonly leaseTokens: LeaseTokens;
  /** By which these are made: its digest tells the cookies of this database from others. */
  readonly leaseKey: string;
  readonly webhooks: WebhookRules;
  readonly app: GithubApp | undefined;
  readonly backups: Backups;
  readonly metrics: Metrics;
  readonly gate: Gate;
  readonly tracer: Tracer | undefined;
}

/** What runs in this process beside the calls. */
interface Inside {
  readonly wakeUps: WakeUps;
  readonly feed: EventFeed;
  readonly loops: readonly Loop[];
  readonly audit: AuditLog;
  readonly liveCalls: LiveCalls;
}

/** What the routes work with, and the app that serves them. */
export function wireApp(
  config: ServerConfig,
  deps: Deps,
  { wakeUps, feed, loops, liveCalls, audit }: Inside,
  outside: Outside,
) {
  const { log, blobs, leaseTokens, webhooks, app, metrics, gate } = outside;
  const leaseOrgs = new LeaseOrgs((id) => findLeaseOrg(deps, id), deps.now);
  const authenticator = new Authenticator(
    {
      find: (id) => findLiveToken(deps, id),
      leaseOf: (token) => leaseTokens.leaseOf(token),
      orgOfLease: (id) => leaseOrgs.of(id),
      seen: (id) =>
        void touchToken(deps, id).catch((error) => log.warn({ err: error }, 'last_used_at not written')),
    },
    deps.now,
    gate.badTokens,
  );
  const startedAt = performance.now();
  const probe = createProbe(deps);
  const notServed = logFailure(log, 'lease polls were not served', { loop: 'dispatcher' });
  const dispatcher = new LeaseDispatcher(deps, wakeUps, notServed);
  const place = databasePlace(config);
  const file = typeof place === 'string' ? place : undefined;
  const http: HttpDeps = {
    ...{ queue: deps, audit, wakeUps, feed, dispatcher },
    metrics: {
      text: () => metrics.text({ queue: deps, loops, heldPolls: dispatcher.held, file }),
      textOfOrg: (orgId) => metrics.textOfOrg(deps, orgId),
    },
    ...blobs,
    webhooks,
    badTokens: gate.badTokens,
    noteLease: ({ lease_id: id, org_id: orgId }) => leaseOrgs.note(id, orgId),
    mayReportAt: reportsBy(app, log),
    version: readVersion(),
    forgetTokens(ids) {
      for (const id of ids) authenticator.forget(id);
      liveCalls.end(ids);
    },
    keepOperatorToken: (oldId, token) => keepAdminToken(config.data_dir, oldId, token, log),
    logUnnoted: (error) => log.warn({ err: error }, 'it was not noted that the client of a run is there'),
    verifyOidc: createOidcVerifier(config.oidc_issuer, deps.settings.publicUrl, deps.now),
    readBackup: (options) => outside.backups.read(options),
    health: async () => ({
      ...(await probe()),
      uptimeMs: Math.round(performance.now() - startedAt),
      loops: Object.fromEntries(loops.map((loop) => [loop.name, loop.state])),
    }),
  };
  return createApp({
    ...{ deps: http, authenticator, liveCalls, log, watch: metrics, gate },
    web: {
      assets: readAssets(),
      sessions: openSessions(deps, authenticator, outside.leaseKey),
    },
    allowedOrigins: config.allowed_origins ?? [],
    basePath: basePath(config),
    publicUrl: config.public_url,
  });
}

const openSessions = (deps: Deps, authenticator: Authenticator, key: string): Sessions =>
  new Sessions(cookieName(key, deps.settings.publicUrl), {
    store: (session) => storeSession(deps, session),
    find: (id) => findSession(deps, id),
    end: (id) => endSession(deps, id),
    endAllOf: (tokenId) => endSessionsOf(deps, tokenId),
    findPrincipal: (id) => authenticator.findPrincipal(id),
    now: deps.now,
  });

/** The caller has the token in any case. */
function keepAdminToken(dataDir: string, oldId: string, token: string, log: Logger): void {
  try {
    replaceAdminToken(dataDir, oldId, token);
  } catch (error) {
    log.error({ err: error }, 'admin.token holds the operator token of before, which ends soon');
  }
}

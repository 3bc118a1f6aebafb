import pino from 'pino';
import { expect, test } from 'vitest';
import { openTestQueue, tempFolder } from '../../test/support/queue.ts';
import { createApp } from '../app.ts';
import { Authenticator } from '../auth/authenticate.ts';
import { LiveCalls } from '../auth/live-calls.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import type { HealthReport } from '../calls/health-report.ts';
import { readConfig } from '../config.ts';
import { Buckets } from '../gate/buckets.ts';
import { openAuditLog } from '../open-audit-log.ts';
import { openGate } from '../open-gate.ts';
import { allowedAddresses } from '../outbound/allowed-addresses.ts';
import { WebhookSecrets } from '../outbound/sign-webhook.ts';
import { LeaseDispatcher } from '../queue/dispatch/lease-dispatcher.ts';
import { EventFeed } from '../queue/store/event-feed.ts';
import { WakeUps } from '../queue/store/wake-ups.ts';
import { readAssets } from '../web/assets.ts';
import { Sessions } from '../web/session/sessions.ts';

/** The app of a server with this state of database and loops. */
async function openApp(report: Partial<HealthReport>, health?: () => Promise<never>, log: string[] = []) {
  const { deps: queue } = await openTestQueue();
  const wakeUps = new WakeUps();
  const app = createApp({
    deps: {
      queue,
      audit: openAuditLog(queue, pino({ level: 'silent' })),
      wakeUps,
      feed: new EventFeed(),
      dispatcher: new LeaseDispatcher(queue, wakeUps, () => undefined),
      ...(await openBlobs({ folder: tempFolder() }, { now: Date.now })),
      version: '1.2.3',
      forgetTokens: () => undefined,
      keepOperatorToken: () => undefined,
      mayReportAt: async () => false,
      logUnnoted: () => undefined,
      badTokens: new Buckets({ perSecond: 1, burst: 1 }),
      noteLease: () => undefined,
      webhooks: { secrets: new WebhookSecrets('5'.repeat(64)), allowed: allowedAddresses([]) },
      verifyOidc: () => Promise.reject(new Error('nobody signs in here')),
      metrics: { text: async () => '', textOfOrg: async () => '' },
      readBackup: () => Promise.reject(new Error('nobody makes a backup here')),
      health: health ?? (async () => ({ isWritable: true, uptimeMs: 1, loops: {}, ...report })),
    },
    authenticator: new Authenticator(
      {
        find: async () => undefined,
        seen: () => undefined,
        leaseOf: () => undefined,
        orgOfLease: async () => undefined,
      },
      () => 0,
      new Buckets({ perSecond: 1, burst: 1 }),
    ),
    liveCalls: new LiveCalls(),
    gate: openGate(readConfig({}, {})),
    log: pino({ level: 'error' }, { write: (line: string) => void log.push(line) }),
    watch: { answered: () => undefined, failed: () => undefined },
    web: {
      sessions: new Sessions('qgjob', {
        ...{ store: async () => false, find: async () => undefined, findPrincipal: async () => undefined },
        ...{ end: async () => undefined, endAllOf: async () => [], now: () => 0 },
      }),
      assets: readAssets(),
    },
    allowedOrigins: [],
    basePath: '',
    publicUrl: undefined,
  });
  const ask = async (path: string) => {
    const response = await app.request(path);
    return {
      status: response.status,
      after: response.headers.get('retry-after'),
      body: await response.json(),
    };
  };
  return { ask, wakeUps };
}

const ok = { status: 200, after: null, body: { status: 'ok', version: '1.2.3' } };
const unavailable = { status: 503, after: '1', body: { status: 'unavailable', version: '1.2.3' } };

test('a server that can write is up, live and ready', async () => {
  const { ask } = await openApp({});
  for (const path of ['/', '/health', '/health/live', '/health/ready']) expect(await ask(path)).toEqual(ok);
});

test('a server that cannot write is live, but neither up nor ready', async () => {
  const { ask } = await openApp({ isWritable: false, error: 'the disk of the database is full' });
  expect(await ask('/health/live')).toEqual(ok);
  for (const path of ['/', '/health', '/health/ready']) expect(await ask(path)).toEqual(unavailable);
});

test('a server that stops takes no more work', async () => {
  const { ask, wakeUps } = await openApp({});
  wakeUps.stop();
  expect(await ask('/health/ready')).toEqual(unavailable);
});

test('an error of the server itself is one line of the log with an id, its place and its stack', async () => {
  const log: string[] = [];
  const broken = () => Promise.reject(new Error('a fault', { cause: new TypeError('its cause') }));
  const { ask } = await openApp({}, broken, log);
  const { status, body } = await ask('/health/ready');
  expect(status).toBe(500);
  const lines = log.map((line) => JSON.parse(line)).filter((line) => line.error_id !== undefined);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    error_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    route: 'GET /health/ready',
    request_id: (body as { error: { request_id: string } }).error.request_id,
    err: { message: expect.stringContaining('a fault'), stack: expect.stringContaining('its cause') },
  });
  expect(JSON.stringify(body)).not.toContain('a fault');
});

import { expect, onTestFinished, test } from 'vitest';
import type { WebhookMessage } from '../../protocol/shapes/webhook.ts';
import { makeDeps } from '../../test/support/deps.ts';
import { everyone, openTestQueue, type TestQueue } from '../../test/support/queue.ts';
import { type Received, reset, startReceiver } from '../../test/support/receiver.ts';
import { allowedAddresses } from '../outbound/allowed-addresses.ts';
import { WebhookSecrets } from '../outbound/sign-webhook.ts';
import { finishAttempt } from '../queue/attempts/finish-attempt.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { createWebhook, deleteWebhook, listWebhooks, pruneOutbox } from '../queue/outbox/index.ts';
import { cancelRun } from '../queue/runs/cancel-runs.ts';
import type { Deps } from '../queue/store/deps.ts';
import { deliverWebhook } from './deliver-webhook.ts';
import { OutboxSender } from './outbox-sender.ts';

const hour = 3_600_000;
const day = 24 * hour;
type Event = WebhookMessage['type'];

async function openLab() {
  const queue = await openTestQueue();
  const log: { text: string; [key: string]: unknown }[] = [];
  const note = (fields: object, text: string) => void log.push({ ...fields, text });
  const newSender = (deps: Deps = queue.deps) => {
    const options = {
      ...{ secrets: new WebhookSecrets('5'.repeat(64)), allowed: allowedAddresses(['127.0.0.1']) },
      ...{ version: '1', log: { info: note, warn: note } },
    };
    const onError = (error: unknown) => note({ error }, 'error');
    const sender = new OutboxSender(deps, { deliver: { webhook: deliverWebhook(deps, options) }, onError });
    onTestFinished(() => sender.stop());
    return sender;
  };
  const sender = newSender();
  // The org.
  await queue.submit({ tests: ['first'] });
  return {
    ...{ queue, log, newSender, sender },
    hook: (url: string, events: Event[] = ['run.finished']) =>
      createWebhook(queue.deps, 'acme', { url, events }),
    hooks: async () => (await listWebhooks(queue.deps, {}, { orgId: 'acme' })).webhooks,
    /** A run that ends at once. */
    async end(tests = ['a']) {
      const { run } = await queue.submit({ tests });
      return cancelRun(queue.deps, run.run_id, { orgId: 'acme' });
    },
    /** Sends what is due after this time, ms. */
    async sendAfter(ms = 0, by = sender) {
      queue.advance(ms);
      await by.pass();
      await by.settled();
    },
    waiting: async () => Number((await queue.deps.sql.read('SELECT count(*) AS n FROM outbox'))[0]?.n),
  };
}

const messageOf = ({ text }: Received): WebhookMessage => JSON.parse(text);
const idsOf = (received: readonly Received[]) => received.map(({ headers }) => headers['webhook-id']);

/** Ends the one job of a new run by a device. */
async function finishOne(queue: TestQueue, verdict: 'passed' | 'failed' = 'passed') {
  await queue.submit({ tests: ['a.spec.ts'], target: 'device', allow_no_device: true, max_retries: 0 });
  const agent = await queue.agent('rack', ['device']);
  const lease = await agent.mustTake();
  const jobId = lease.jobs[0]?.job_id ?? '';
  const at = { leaseId: lease.lease_id, jobId, attempt: 1 };
  await startAttempt(queue.deps, everyone, at);
  const tests = [{ name: 'opens', status: verdict, duration_ms: 5, message: 'words' }];
  const body = { attempt: 1, verdict, duration_ms: 5, tests, ...(verdict === 'failed' && { error: 'no' }) };
  await finishAttempt(queue.deps, everyone, at, body);
  return jobId;
}

test('the end of a run is told once, with the run as its GET shows it', async () => {
  const lab = await openLab();
  const receiver = await startReceiver();
  await lab.hook(receiver.url);
  const run = await lab.end();
  await lab.sendAfter();
  await lab.sendAfter(day);
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received.map(messageOf)).toEqual([
    { type: 'run.finished', timestamp: run.finished_at, data: { run } },
  ]);
  expect(await lab.waiting()).toBe(0);
  expect(await lab.hooks()).toMatchObject([
    { status: 'active', dropped: 0, last_sent_at: expect.any(String) },
  ]);
});

test('a webhook gets the events that it names, of its own org, and from its making on', async () => {
  const lab = await openLab();
  const [runs, jobs] = [await startReceiver(), await startReceiver()];
  await lab.end();
  await lab.hook(runs.url);
  await lab.hook(jobs.url, ['job.finished']);
  await lab.end(['a', 'b']);
  await lab.queue.submit({ org_id: 'rival', tests: ['x'] });
  await lab.queue.deps.sql.write([
    {
      sql: `UPDATE jobs SET status = 'cancelled', outcome = 'cancelled', finalized_at = 1 WHERE org_id = 'rival'`,
    },
  ]);
  await lab.sendAfter();
  expect(runs.received.map((one) => messageOf(one).type)).toEqual(['run.finished']);
  expect(jobs.received.map((one) => messageOf(one).type)).toEqual(['job.finished', 'job.finished']);
});

test('a job is told with its report and without its tests, before its run', async () => {
  const lab = await openLab();
  const receiver = await startReceiver();
  await lab.hook(receiver.url, ['run.finished', 'job.finished']);
  const jobId = await finishOne(lab.queue, 'failed');
  await lab.sendAfter();
  expect(receiver.received.map(messageOf)).toMatchObject([
    {
      type: 'job.finished',
      data: { job: { job_id: jobId, status: 'failed', tests: null, report: { failed: 1 } } },
    },
    { type: 'run.finished', data: { run: { status: 'failed' } } },
  ]);
});

test('a device of the org that is benched is told with the reason, a shared one is nobody’s news', async () => {
  const lab = await openLab();
  const receiver = await startReceiver();
  await lab.hook(receiver.url, ['device.benched']);
  await lab.queue.agent('own', ['device'], { owner: 'acme' });
  await lab.queue.agent('shared', ['device']);
  const strike = `UPDATE devices SET strikes = 3, strike_error = 'no adb', benched_until = 1767225600000`;
  await lab.queue.deps.sql.write([{ sql: strike }]);
  await lab.queue.deps.sql.write([{ sql: `UPDATE devices SET blame = 'worse than its neighbours'` }]);
  await lab.sendAfter();
  expect(receiver.received.map((one) => messageOf(one).data)).toMatchObject([
    {
      device: {
        ...{ name: 'd0', target: 'device', until: '2026-01-01T00:00:00.000Z' },
        reason: expect.stringMatching(/^3 infrastructure errors in a row;.* the last: no adb$/),
      },
    },
    { device: { reason: 'worse than its neighbours', until: null } },
  ]);
});

test('what was not taken is sent again with the same id, and later and later', async () => {
  const lab = await openLab();
  const receiver = await startReceiver(500);
  await lab.hook(receiver.url);
  await lab.end();
  const sentAt: number[] = [];
  let seconds = 0;
  for (; seconds < 7200; seconds += 1) {
    const before = receiver.received.length;
    await lab.sendAfter(1000);
    if (receiver.received.length > before) sentAt.push(seconds);
  }
  const pauses = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
  // Seven eighths of 5 s, 20 s, 80 s, 320 s, 1280 s, 3600 s, to the next look.
  expect(pauses).toEqual([5, 18, 70, 280, 1120, 3150]);
  expect(new Set(idsOf(receiver.received)).size).toBe(1);
  expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
  expect(await lab.hooks()).toMatchObject([
    { status: 'failing', status_reason: 'it answered 500: no success' },
  ]);
  receiver.behave(200);
  await lab.sendAfter(hour);
  expect(await lab.waiting()).toBe(0);
  expect(await lab.hooks()).toMatchObject([{ status: 'active', status_reason: null, failing_since: null }]);
});

test('a receiver that asks for more time gets it, but not days', async () => {
  const lab = await openLab();
  let after = '600';
  const receiver = await startReceiver((_, response) =>
    response.writeHead(503, { 'retry-after': after }).end(),
  );
  await lab.hook(receiver.url);
  await lab.end();
  await lab.sendAfter();
  await lab.sendAfter(599_000);
  expect(receiver.received).toHaveLength(1);
  after = '99999999';
  await lab.sendAfter(1000);
  expect(receiver.received).toHaveLength(2);
  await lab.sendAfter(6 * hour);
  expect(receiver.received).toHaveLength(3);
});

test('the events of a run arrive in their order, also when the first is refused', async () => {
  const lab = await openLab();
  const receiver = await startReceiver(500);
  await lab.hook(receiver.url, ['run.finished', 'job.finished']);
  await lab.end(['a', 'b', 'c']);
  await lab.sendAfter();
  await lab.sendAfter(1000);
  expect(receiver.received).toHaveLength(1);
  receiver.behave(200);
  await lab.sendAfter(hour);
  const types = receiver.received.slice(1).map((one) => messageOf(one).type);
  expect(types).toEqual([...Array(3).fill('job.finished'), 'run.finished']);
});

test('a receiver that is away does not hold up another', async () => {
  const lab = await openLab();
  const [away, well] = [await startReceiver(reset), await startReceiver()];
  await lab.hook(away.url);
  await lab.hook(well.url);
  for (let n = 0; n < 20; n += 1) await lab.end();
  await lab.sendAfter();
  expect(well.received).toHaveLength(20);
  // The first of it, and none of the others while it is away.
  expect(away.received.length).toBeLessThanOrEqual(4);
});

test('a webhook that failed for three days is switched off, told in the log and in its GET, and gets nothing more', async () => {
  const lab = await openLab();
  const receiver = await startReceiver(404);
  await lab.hook(receiver.url);
  await lab.end();
  await lab.sendAfter();
  for (let n = 0; n < 71; n += 1) await lab.sendAfter(hour);
  expect(await lab.hooks()).toMatchObject([{ status: 'failing', dropped: 0 }]);
  await lab.end();
  await lab.sendAfter(2 * hour);
  expect(await lab.hooks()).toMatchObject([
    { status: 'off', dropped: 2, status_reason: expect.stringContaining('404') },
  ]);
  expect(lab.log.at(-1)).toMatchObject({ org_id: 'acme', text: expect.stringContaining('switched off') });
  expect(await lab.waiting()).toBe(0);
  const before = receiver.received.length;
  await lab.end();
  await lab.sendAfter(day);
  expect(receiver.received).toHaveLength(before);
});

test('one event that a receiver never takes is given up after three days, and the others go on', async () => {
  const lab = await openLab();
  const bad = await lab.queue.submit({ tests: ['a'] });
  const receiver = await startReceiver();
  await lab.hook(receiver.url);
  await cancelRun(lab.queue.deps, bad.run.run_id, { orgId: 'acme' });
  receiver.behave((_, response) => {
    const isBad = receiver.received.at(-1)?.text.includes(bad.run.run_id);
    response.writeHead(isBad ? 400 : 200).end();
  });
  for (let n = 0; n < 8; n += 1) {
    await lab.sendAfter(10 * hour);
    await lab.end();
  }
  await lab.sendAfter(hour);
  expect(await lab.hooks()).toMatchObject([{ status: 'active', dropped: 1 }]);
  expect(lab.log.filter(({ text }) => text.includes('given up'))).toHaveLength(1);
  expect(await lab.waiting()).toBe(0);
});

test('a receiver that says it is gone is switched off at once', async () => {
  const lab = await openLab();
  const receiver = await startReceiver(410);
  await lab.hook(receiver.url);
  await lab.end();
  await lab.sendAfter();
  expect(await lab.hooks()).toMatchObject([{ status: 'off' }]);
});

test('several servers send each event once, those of a run in their order', async () => {
  const lab = await openLab();
  const receiver = await startReceiver();
  await lab.hook(receiver.url, ['run.finished', 'job.finished']);
  for (let n = 0; n < 15; n += 1) await lab.end(['a', 'b']);
  const senders = Array.from({ length: 4 }, () => lab.newSender());
  do {
    await Promise.all(senders.map((one) => lab.sendAfter(0, one)));
  } while ((await lab.waiting()) > 0);
  expect(new Set(idsOf(receiver.received)).size).toBe(45);
  expect(receiver.received).toHaveLength(45);
  const ended = new Set<string>();
  for (const message of receiver.received.map(messageOf)) {
    if (message.type === 'run.finished') ended.add(message.data.run.run_id);
    else if (message.type === 'job.finished') expect(ended).not.toContain(message.data.job.run_id);
  }
});

test('what a server had when it was killed is sent by another, with the same id', async () => {
  const lab = await openLab();
  const receiver = await startReceiver(() => undefined);
  await lab.hook(receiver.url);
  await lab.end();
  // It stands still in its call, for ever.
  await lab.sender.pass();
  await receiver.has(1);
  receiver.behave(204);
  const other = lab.newSender();
  await lab.sendAfter(59_000, other);
  expect(receiver.received).toHaveLength(1);
  await lab.sendAfter(2000, other);
  expect(receiver.received).toHaveLength(2);
  expect(new Set(idsOf(receiver.received)).size).toBe(1);
  expect(await lab.waiting()).toBe(0);
});

test('a server that stops gives back what it had, and the next sends it at once', async () => {
  const lab = await openLab();
  const receiver = await startReceiver(() => undefined);
  await lab.hook(receiver.url);
  await lab.end();
  await lab.sender.pass();
  await receiver.has(1);
  await lab.sender.stop();
  receiver.behave(204);
  await lab.sendAfter(0, lab.newSender());
  expect(receiver.received).toHaveLength(2);
  expect(await lab.hooks()).toMatchObject([{ status: 'active' }]);
});

test('a database that takes no write loses no event', async () => {
  const lab = await openLab();
  const receiver = await startReceiver();
  await lab.hook(receiver.url);
  await lab.end();
  let isBroken = false;
  const { deps } = lab.queue;
  const sql: Deps['sql'] = {
    ...deps.sql,
    write: (statements) => (isBroken ? Promise.reject(new Error('disk')) : deps.sql.write(statements)),
  };
  const shaky = lab.newSender(makeDeps({ db: deps.db, sql }, deps.now));
  receiver.behave((_, response) => {
    isBroken = true;
    response.writeHead(204).end();
  });
  await lab.sendAfter(0, shaky);
  expect(lab.log.map(({ text }) => text)).toEqual(['error']);
  isBroken = false;
  receiver.behave(204);
  await lab.sendAfter(61_000, shaky);
  // It was not written down that it had arrived: the receiver knows by the id.
  expect(receiver.received).toHaveLength(2);
  expect(new Set(idsOf(receiver.received)).size).toBe(1);
  expect(await lab.waiting()).toBe(0);
});

test('nothing is kept for a deleted webhook, and no more than so much for one that is away', async () => {
  const lab = await openLab();
  const made = await lab.hook('http://127.0.0.1:1/');
  for (let n = 0; n < 5; n += 1) await lab.end();
  expect(await pruneOutbox(lab.queue.deps, 3)).toEqual([{ lane: `webhook:${made.webhook_id}`, n: 2 }]);
  expect(await lab.waiting()).toBe(3);
  expect(await lab.hooks()).toMatchObject([{ dropped: 2 }]);
  await deleteWebhook(lab.queue.deps, made.webhook_id, { orgId: 'acme' });
  expect(await lab.waiting()).toBe(0);
});

test('a delivery that breaks here is tried again, and is given up after three days like one that its receiver refuses', async () => {
  const { queue, hook, end, waiting } = await openLab();
  await hook('http://127.0.0.1:1/');
  await end();
  let tries = 0;
  const errors: unknown[] = [];
  const deliver = {
    webhook: async () => {
      tries += 1;
      throw new TypeError('a fault of ours');
    },
  };
  const sender = new OutboxSender(queue.deps, { deliver, onError: (error) => errors.push(error) });
  onTestFinished(() => sender.stop());
  for (let hours = 0; hours <= 73 && (await waiting()) > 0; hours += 1) {
    await sender.pass();
    await sender.settled();
    queue.advance(hour);
  }
  expect(await waiting()).toBe(0);
  expect(tries).toBeGreaterThan(60);
  expect(errors).toHaveLength(tries);
});

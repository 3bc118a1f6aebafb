import { expect, onTestFinished, test } from 'vitest';
import { WebhookMessage } from '../../protocol/shapes/webhook.ts';
import { hostile } from '../../test/support/hostile.ts';
import { commit, day, hour, openQuarantineLab, told } from '../../test/support/quarantine-lab.ts';
import { anyOrg } from '../../test/support/queue.ts';
import { startReceiver } from '../../test/support/receiver.ts';
import { allowedAddresses } from '../outbound/allowed-addresses.ts';
import { WebhookSecrets } from '../outbound/sign-webhook.ts';
import { addQuarantine, removeQuarantine } from '../queue/ledger/index.ts';
import { createWebhook } from '../queue/outbox/index.ts';
import { deliverWebhook } from './deliver-webhook.ts';
import { OutboxSender } from './outbox-sender.ts';
import { createQuarantineLoop } from './quarantine-loop.ts';

const pays = told({ pays: 'passed' });
const fails = told({ pays: 'failed' });

/** An org whose receiver is told of its quarantines, by two servers. */
async function openLab(name = 'pays') {
  const lab = await openQuarantineLab();
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const options = {
    ...{ secrets: new WebhookSecrets('5'.repeat(64)), allowed: allowedAddresses(['127.0.0.1']) },
    ...{ version: '1', log: { info: () => undefined, warn: () => undefined } },
  };
  const sender = new OutboxSender(lab.deps, {
    deliver: { webhook: deliverWebhook(lab.deps, options) },
    onError,
  });
  onTestFinished(() => sender.stop());
  const servers = [0, 1].map(() => createQuarantineLoop(lab.deps, day, onError));
  const receiver = await startReceiver();
  await lab.play(commit('a'), told({ [name]: 'failed', [`not ${name}`]: 'passed' }));
  await createWebhook(lab.deps, 'acme', {
    url: receiver.url,
    events: ['quarantine.hunted', 'quarantine.ends'],
  });
  return {
    ...{ ...lab, errors, receiver },
    /** Both servers look after this time, ms, with a device that is idle; and what is due is sent. */
    async look(ms = 0) {
      lab.queue.advance(ms);
      await lab.agent();
      await Promise.all(servers.map((one) => one.runOnce()));
      await sender.pass();
      await sender.settled();
      expect(errors).toEqual([]);
    },
    messages: () => receiver.received.map(({ text }) => WebhookMessage.parse(JSON.parse(text))),
  };
}

test('the owner is told once what a hunt has found, with the interval and what to do', async () => {
  const lab = await openLab();
  const { quarantine_id, test_id, ends_at } = await lab.quarantine('pays');
  await lab.look();
  await lab.work(pays);
  await lab.look();
  await lab.look(hour);
  const [hunt] = await lab.hunts();
  const [message, ...others] = lab.messages();
  expect(others).toEqual([]);
  expect(message).toMatchObject({
    ...{ type: 'quarantine.hunted', timestamp: hunt?.finished_at },
    data: {
      quarantine: {
        ...{
          quarantine_id,
          test_id,
          ends_at,
          owner: '@ann',
          test_path: 'a',
          title: 'pays',
          status: 'active',
        },
        hunt: { run_id: hunt?.run_id, observed: 20, failed: 0, low: 0 },
      },
      advice: `0 of 20 failed: 0 %, between 0 and 17 % at 95 %. It may be mended: qgjob quarantine remove ${test_id}`,
    },
  });
  expect(message).toMatchObject({ data: { quarantine: (await lab.quarantines())[0] } });
});

test('of a test that still fails it is told how often', async () => {
  const lab = await openLab();
  await lab.quarantine('pays');
  await lab.look();
  await lab.work(fails, fails, pays);
  await lab.look();
  await lab.look(day);
  await lab.work(fails);
  await lab.look();
  expect(lab.messages().map(({ data }) => 'advice' in data && data.advice)).toEqual([
    '2 of 20 failed: 10 %, between 1 and 32 % at 95 %. It is still flaky',
    '20 of 20 failed: 100 %, between 83 and 100 % at 95 %. It fails each time',
  ]);
});

test('a hunt without a verdict tells nothing', async () => {
  const lab = await openLab();
  await lab.quarantine('pays');
  await lab.look();
  await lab.work({ verdict: 'error', error_class: 'rejected' });
  await lab.look();
  expect(lab.messages()).toEqual([]);
});

test('what was written down late is told as long as all else, and dated by the end of its hunt', async () => {
  const lab = await openLab();
  await lab.quarantine('pays');
  await lab.look();
  await lab.work(pays);
  const [hunt] = await lab.hunts();
  lab.receiver.behave(500);
  await lab.look(4 * day);
  lab.receiver.behave(204);
  await lab.look(hour);
  expect(lab.messages()).toMatchObject([
    { type: 'quarantine.hunted', timestamp: hunt?.finished_at },
    { type: 'quarantine.hunted', timestamp: hunt?.finished_at },
  ]);
});

test('a day before a quarantine ends its owner is told once, and again where it got another end', async () => {
  const lab = await openLab();
  const { test_id } = await lab.quarantine('pays', 3 * day);
  const ends = () => lab.messages().filter(({ type }) => type === 'quarantine.ends');
  await lab.look(2 * day - 1);
  expect(ends()).toEqual([]);
  await lab.look(1);
  await lab.look(hour);
  expect(ends()).toMatchObject([
    { data: { quarantine: { test_id, owner: '@ann', status: 'active' }, advice: null } },
  ]);
  await lab.quarantine('pays', 3 * day);
  await lab.look();
  expect(ends()).toHaveLength(1);
  await lab.look(2 * day);
  expect(ends()).toHaveLength(2);
});

test('nobody is told the end of one that was made for less than a day, was removed or was extended', async () => {
  const lab = await openLab();
  const receiver = lab.receiver;
  await lab.quarantine('pays', day);
  await lab.look(hour);
  const [one] = await lab.quarantines();
  await removeQuarantine(lab.deps, one?.quarantine_id ?? '', anyOrg, 't');
  await lab.look(hour);
  await lab.quarantine('pays', 2 * day);
  receiver.behave(500);
  await lab.look(day + 1);
  const tries = receiver.received.length;
  expect(tries).toBe(1);
  receiver.behave(200);
  await lab.quarantine('pays', 5 * day);
  await lab.look(hour);
  expect(receiver.received).toHaveLength(tries);
});

test('each webhook gets its events alone, and what owners and tests are called is told as it is', async () => {
  const name = hostile
    .join(' ')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .slice(0, 150);
  const lab = await openLab(name);
  const other = await startReceiver();
  await createWebhook(lab.deps, 'acme', { url: other.url, events: ['run.finished'] });
  const ends_at = new Date(lab.deps.now() + 9 * day).toISOString();
  const body = { test_id: await lab.idOf(name), owner: name, reason: name, ends_at };
  await addQuarantine(lab.deps, body, anyOrg, 't');
  await lab.look();
  await lab.work(told({ [name]: 'passed' }));
  await lab.look();
  const [message, ...others] = lab.messages();
  expect(others).toEqual([]);
  expect(message).toMatchObject({
    data: {
      quarantine: { title: name, owner: name },
      advice: expect.stringMatching(/^[\w %.:,-]+ qgjob quarantine remove tst_\w+$/),
    },
  });
  expect(other.received.map(({ text }) => JSON.parse(text).type)).toEqual(['run.finished']);
});

test('with a pause of 0 nothing is hunted by itself, and ends are told all the same', async () => {
  const lab = await openQuarantineLab();
  await lab.play(commit('a'), fails);
  await lab.quarantine('pays');
  const loop = createQuarantineLoop(lab.deps, undefined, () => undefined);
  await loop.runOnce();
  expect(await lab.hunts()).toEqual([]);
  lab.queue.advance(9.5 * day);
  await loop.runOnce();
  expect(await lab.deps.sql.read('SELECT end_told - ends_at AS rest FROM quarantines')).toEqual([
    expect.objectContaining({ rest: 0 }),
  ]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../server/listen.ts';
import { bearer } from './api.ts';
import { httpVerbs, Ledger } from './http-queue.ts';
import { Connections } from './load.ts';
import type { TakenJob } from './peers/http/http-peer.ts';
import { ListPeer } from './peers/http/list-peer.ts';
import { createPeerApp } from './peers/http/peer-app.ts';
import { makePeerTokens } from './peers/http/peer-tokens.ts';

/** The verbs of the bench against servers of one queue in memory. */
async function openQueue(peer: ListPeer, servers = 1) {
  const dir = mkdtempSync(join(tmpdir(), 'qgjob-peer-'));
  const { token, authenticator } = makePeerTokens(dir);
  const listeners = await Promise.all(Array.from({ length: servers }, () => listen('127.0.0.1', 0)));
  const { fetch } = createPeerApp(peer, authenticator);
  for (const one of listeners) one.open(fetch as (request: Request) => Promise<Response>);
  const urls = listeners.map(({ url }) => url);
  const connections = new Connections(urls);
  onTestFinished(async () => {
    connections.close();
    await Promise.all(listeners.map((one) => one.close(0)));
    rmSync(dir, { recursive: true });
  });
  const tenant = { orgId: 'bench', submit: bearer(token), agent: bearer(token) };
  const devices = ['one', 'two', 'three'].map((deviceId) => ({ deviceId, bootId: 'boot-of-the-test' }));
  const ledger = new Ledger();
  return { ledger, ...httpVerbs(urls, () => ({ connections, tenant, devices, ledger })) };
}

test('the phases of the bench hand out each job once, over two servers too', async () => {
  const peer = new ListPeer();
  const queue = await openQueue(peer, 2);
  await queue.submit(30, 4);
  await queue.submitBulk(70);
  await queue.drain(100);
  expect(new Set(peer.finished).size).toBe(100);
  expect(await queue.pickup(2)).toHaveLength(2);
  await queue.submit(5, 1);
  queue.ledger.check('list', peer.countLeft());
});

test('polls that were cut at the end of a drain cost the next one no job', async () => {
  const peer = new ListPeer();
  const queue = await openQueue(peer);
  for (let n = 1; n <= 20; n += 1) {
    await queue.submitBulk(40);
    await queue.drain(40);
    expect(peer.finished).toHaveLength(40 * n);
  }
});

test('a drain in which a job is handed out twice is refused', async () => {
  class Twice extends ListPeer {
    override finish(jobs: readonly TakenJob[]): void {
      super.finish(jobs);
      this.queued.push(...jobs.slice(0, 1));
    }
  }
  const queue = await openQueue(new Twice());
  await queue.submitBulk(40);
  await expect(queue.drain(41)).rejects.toThrow('was handed out twice');
});

test('a queue that holds more or fewer jobs than the phases left is refused', async () => {
  const peer = new ListPeer();
  const queue = await openQueue(peer);
  await queue.submitBulk(3);
  peer.queued.pop();
  expect(() => queue.ledger.check('list', peer.countLeft())).toThrow('list: 2 jobs are left, not 3');
});

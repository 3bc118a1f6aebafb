import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostLocks } from '../resources/host-lock.ts';
import { OtherBytes } from '../sources/bundle-cache.ts';
import { makeWorkspace, untilTrue } from '../test-support/host.ts';
import { AppCache } from './app-cache.ts';

const hashOf = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');
const never = new AbortController().signal;

/** A data folder; each agent of it has a cache of its own there. */
function openHost(mostBytes?: number) {
  const base = makeWorkspace();
  let copies = 0;
  return {
    base,
    agent: () => new AppCache(join(base, 'apps'), new HostLocks(join(base, 'locks')), mostBytes),
    kept: () => readdirSync(join(base, 'apps')).sort(),
    fileOf: (text: string) => join(base, 'apps', hashOf(text), 'build'),
    /** Where the copy of a lease goes. */
    place: () => {
      copies += 1;
      return join(base, `copy-${copies}`);
    },
  };
}

/** A download that brings these bytes, one after the other, and the last ones again and again. */
function bringing(...all: readonly string[]) {
  const counted = { fetched: 0, download };
  async function download(path: string): Promise<string> {
    const text = all[Math.min(counted.fetched, all.length - 1)] ?? '';
    counted.fetched += 1;
    writeFileSync(path, text);
    return hashOf(text);
  }
  return counted;
}

const text = 'the build';
const sha256 = hashOf(text);

test('a build is fetched once for all slots and all agents of a data folder', async () => {
  const host = openHost();
  const server = bringing(text);
  const agents = [host.agent(), host.agent()];
  const places = [1, 2, 3, 4].map(() => host.place());
  await Promise.all(places.map((place, n) => agents[n % 2]?.copy(sha256, place, server.download, never)));
  expect(places.map((place) => readFileSync(place, 'utf8'))).toEqual([text, text, text, text]);
  expect(server.fetched).toBe(1);
});

test('what a lease does to its copy reaches no other', async () => {
  const host = openHost();
  const server = bringing(text);
  const agent = host.agent();
  const [first, second] = [host.place(), host.place()];
  await agent.copy(sha256, first, server.download, never);
  chmodSync(first, 0o600);
  writeFileSync(first, 'mine now');
  await agent.copy(sha256, second, server.download, never);
  expect(readFileSync(second, 'utf8')).toBe(text);
  expect(server.fetched).toBe(1);
});

test('a kept build that a test has changed is fetched again, also with its old size and time', async () => {
  const host = openHost();
  const server = bringing(text);
  const agent = host.agent();
  await agent.copy(sha256, host.place(), server.download, never);
  writeFileSync(host.fileOf(text), 'THE BUILD');
  utimesSync(host.fileOf(text), 1, 1);
  for (const one of [agent, host.agent()]) {
    const place = host.place();
    await one.copy(sha256, place, server.download, never);
    expect(readFileSync(place, 'utf8')).toBe(text);
  }
  expect(server.fetched).toBe(2);
});

test('other bytes than the hash says are dropped, fetched once more, and then an error', async () => {
  const host = openHost();
  const bad = bringing('others');
  await expect(host.agent().copy(sha256, host.place(), bad.download, never)).rejects.toThrow(OtherBytes);
  expect([bad.fetched, host.kept()]).toEqual([2, []]);
  const place = host.place();
  await host.agent().copy(sha256, place, bringing('others', text).download, never);
  expect(readFileSync(place, 'utf8')).toBe(text);
});

test('a download that ends with one lease does not end that of another', async () => {
  const host = openHost();
  const agent = host.agent();
  const lost = agent.copy(sha256, host.place(), () => Promise.reject(new Error('the lease is lost')), never);
  const place = host.place();
  const second = agent.copy(sha256, place, bringing(text).download, never);
  await expect(lost).rejects.toThrow('the lease is lost');
  await second;
  expect(readFileSync(place, 'utf8')).toBe(text);
});

test('a lease that ends waits for no download of another', async () => {
  const host = openHost();
  const agent = host.agent();
  const gate = Promise.withResolvers<void>();
  let hasBegun = false;
  const slow = agent.copy(
    sha256,
    host.place(),
    async (path) => {
      hasBegun = true;
      await gate.promise;
      return bringing(text).download(path);
    },
    never,
  );
  await untilTrue(() => hasBegun);
  const stop = new AbortController();
  const waits = host.agent().copy(sha256, host.place(), bringing(text).download, stop.signal);
  stop.abort(new Error('the lease is lost'));
  await expect(waits).rejects.toThrow();
  gate.resolve();
  await slow;
});

test('above its size the least recently used go, but neither the newest nor one that is being copied', async () => {
  const host = openHost(20);
  const agent = host.agent();
  const fetch = (one: string) => agent.copy(hashOf(one), host.place(), bringing(one).download, never);
  await fetch('first----10');
  await fetch('second---10');
  expect(host.kept()).toEqual([hashOf('second---10')]);
  await fetch('much more than there is room for');
  expect(host.kept()).toEqual([hashOf('much more than there is room for')]);

  // Another agent is at work with it.
  const used = hashOf('much more than there is room for');
  const held = new HostLocks(join(host.base, 'locks')).tryLock(`apps:${join(host.base, 'apps', used)}`);
  await fetch('third');
  expect(host.kept()).toEqual([used, hashOf('third')].sort());
  held?.unlock();
  await fetch('fourth');
  expect(existsSync(host.fileOf('much more than there is room for'))).toBe(false);
});

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/queue.ts';
import { startS3 } from '../support/s3.ts';
import { addOrg, type TestServer } from '../support/server.ts';
import { openServers } from '../support/two-servers.ts';
import { World } from '../support/world.ts';

/**
 * Without the events of the other server a poll would be answered too: when its time is over, or, a lease request, by the
 * loop that asks anew every 5 s.
 */
async function isSoon<T>(answer: Promise<T>, ms = 4000): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

/** Resolves when the server holds a lease request. */
async function untilPolled(server: TestServer, token: string): Promise<void> {
  const isPolled = async () => {
    const { text } = await server.ask('readMetrics', { token });
    return /^qgjob_lease_polls_held [1-9]/m.test(text);
  };
  while (!(await isPolled())) await new Promise((resolve) => setImmediate(resolve));
}

/** The same org's calls on another server. */
const on = (server: TestServer, { tokens }: World): World => new World(server, tokens);

test('the second server of a database makes no operator token: that of the first is good for both', async () => {
  const { folder, first, second } = await openServers();
  expect(existsSync(join(folder, 'second/admin.token'))).toBe(false);
  const { orgs } = await second.as(first.adminToken).call('listOrgs', { query: {} });
  expect(orgs).toEqual([]);
});

test('a poll that waits at one server gets what is submitted at the other', async () => {
  const { first, second } = await openServers();
  const acme = new World(first, await addOrg(first, 'acme'));
  const there = on(second, acme);
  const fleet = await there.fleet();
  const poll = second.as(acme.tokens.agent).call('takeLease', { body: there.poll(fleet, 20_000) });
  await untilPolled(second, first.adminToken);
  const { run } = await acme.submit({ target: fleet.target });
  expect(await isSoon(poll)).toMatchObject({ jobs: [{ run_id: run.run_id }] });
});

test('who waits for a run at one server hears of what an agent reports at the other', async () => {
  const { first, second } = await openServers();
  const acme = new World(first, await addOrg(first, 'acme'));
  const { job } = await acme.running();
  const { rev } = await second.as(acme.tokens.read).call('getRun', { params: { id: job.run_id }, query: {} });
  const waits = second.as(acme.tokens.read).call('getRun', {
    params: { id: job.run_id },
    query: { after_rev: rev, wait_ms: 20_000 },
  });
  await first.client.call('cancelRun', { params: { id: job.run_id } });
  expect((await isSoon(waits, 10_000)).rev).toBeGreaterThan(rev);
});

test('a cancel at one server reaches the heartbeat that waits at the other', async () => {
  const { first, second } = await openServers();
  const acme = new World(first, await addOrg(first, 'acme'));
  const { fleet, lease, job } = await acme.running();
  const heartbeat = second.as(acme.tokens.agent).call('heartbeat', {
    params: { id: fleet.agentId },
    body: { boot_id: fleet.bootId, leases: [lease.lease_id], wait_ms: 20_000 },
  });
  await first.client.call('cancelJob', { params: { id: job.job_id } });
  expect(await isSoon(heartbeat, 10_000)).toMatchObject({
    leases: [{ lease_id: lease.lease_id, cancel: [job.job_id] }],
  });
});

test('a submit that both servers get at once is one run', async () => {
  const { first, second } = await openServers();
  const acme = new World(first, await addOrg(first, 'acme'));
  const submits = [first, second, first, second].map((server) =>
    server.as(acme.tokens.submit).call('submitRun', {
      body: { app_version_id: 'v1', tests: ['a', 'b'] },
      idempotencyKey: 'one-key',
    }),
  );
  const runs = await Promise.all(submits);
  expect(new Set(runs.map(({ run }) => run.run_id)).size).toBe(1);
  const { jobs } = await second.as(acme.tokens.read).call('listJobs', { query: {} });
  expect(jobs).toHaveLength(2);
});

test('devices that wait at both servers share the jobs of a run, each job once', async () => {
  const { first, second } = await openServers();
  const acme = new World(first, await addOrg(first, 'acme'));
  const register = (server: TestServer, name: string) =>
    server.as(acme.tokens.agent).call('registerAgent', {
      body: {
        ...{ name, boot_id: `boot-of-${name}`, version: '1' },
        devices: Array.from({ length: 4 }, (_, n) => ({ name: `d${n}`, target: 'emulator' })),
      },
    });
  const agents = [
    { server: first, name: 'rack-1', devices: (await register(first, 'rack-1')).devices },
    { server: second, name: 'rack-2', devices: (await register(second, 'rack-2')).devices },
  ];
  const polls = agents.flatMap(({ server, name, devices }) =>
    devices.map(({ device_id }, n) =>
      server.as(acme.tokens.agent).call('takeLease', {
        body: { lease_id: `lease-${name}-${n}`, boot_id: `boot-of-${name}`, device_id, wait_ms: 5000 },
      }),
    ),
  );
  await acme.submit({ tests: Array.from({ length: 200 }, (_, n) => `${n}.spec.ts`), target: 'emulator' });
  const leases = await Promise.all(polls);
  const ids = leases.flatMap((lease) => lease?.jobs.map(({ job_id }) => job_id) ?? []);
  expect(leases.filter((lease) => lease === undefined)).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test('logs, bundles and artifacts that came to one server are at the other one, in a bucket and in a folder', async () => {
  for (const flags of [{}, (await startS3(tempFolder())).flags]) {
    const { first, second } = await openServers(flags);
    const acme = new World(first, await addOrg(first, 'acme'));
    const { lease, job } = await acme.running();
    const params = { id: lease.lease_id, job_id: job.job_id };
    const append = (server: TestServer, offset: number, text: string) =>
      server
        .as(lease.token)
        .call('appendLogs', { params, query: { attempt: 1, offset }, body: Buffer.from(text) });
    expect(await append(first, 0, 'one ')).toEqual({ size: 4 });
    expect(await append(second, 4, 'two ')).toEqual({ size: 8 });
    expect(await append(first, 0, 'one two three')).toEqual({ size: 13 });
    const read = { token: acme.tokens.read, params: { id: job.job_id } };
    for (const server of [first, second])
      expect(await server.ask('readLogs', { ...read, query: { offset: 2 } })).toMatchObject({
        text: 'e two three',
      });

    const body = Buffer.from('bytes');
    const sha256 = createHash('sha256').update(body).digest('hex');
    const upload = { token: lease.token, params: { ...params, name: 'a.txt' }, query: { attempt: 1 }, body };
    const { json: artifact } = await first.ask('uploadArtifact', upload);
    const file = { ...read, params: { id: artifact.artifact_id } };
    expect(await second.ask('getArtifact', file)).toMatchObject({ status: 200, text: 'bytes' });
    const bundle = { token: acme.tokens.submit, params: { sha256 }, query: { org_id: 'acme' } };
    const both = [first, second].map((server) => server.ask('uploadBundle', { ...bundle, body }));
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await second.ask('getBundle', bundle)).toMatchObject({ status: 200, text: 'bytes' });
  }
});

import { describe, expect, test } from 'vitest';
import { type RouteName, routes } from '../../protocol/routes.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import {
  addOrg,
  dumpDatabase,
  type RawInput,
  startTestServer,
  type TestServer,
} from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

const hourMs = 3_600_000;

interface Held {
  readonly lease: Lease;
  readonly job: Job;
}

async function openWorld() {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const server = await startTestServer({ now: () => clock.now });
  const acme = new World(server, await addOrg(server, 'acme'));
  return { clock, server, acme };
}

const aFile = { attempt: 1, size: 1, sha256: 'a'.repeat(64) };

/** A call of each route that is about a lease. */
const inputs: Partial<Record<RouteName, (job: Job) => RawInput>> = {
  getLeaseSource: () => ({}),
  getLeaseApp: () => ({}),
  reportInstalled: () => ({ body: { ok: false, duration_ms: 1, error_class: 'build_error' } }),
  startJob: () => ({ body: { attempt: 1 } }),
  finishJob: () => ({ body: { attempt: 1, verdict: 'failed', duration_ms: 1 } }),
  finishJobs: ({ job_id }) => ({
    body: { jobs: [{ job_id, attempt: 1, verdict: 'failed', duration_ms: 1 }] },
  }),
  releaseLease: () => ({}),
  appendLogs: () => ({ query: { attempt: 1, offset: 0 }, body: new Uint8Array([97]) }),
  uploadArtifact: () => ({ query: { attempt: 1 }, body: new Uint8Array([97]) }),
  openArtifactUpload: () => ({ body: aFile }),
  completeArtifactUpload: () => ({ body: { ...aFile, artifact_id: `art_${'0'.repeat(32)}` } }),
};
const ofLeases = Object.keys(inputs) as RouteName[];

/** A call about this lease and its job. */
const ask = (server: TestServer, name: RouteName, { lease, job }: Held, token: string) =>
  server.ask(name, {
    ...inputs[name]?.(job),
    token,
    params: { id: lease.lease_id, job_id: job.job_id, name: 'a.txt' },
  });

test('every route that takes the token of a lease is tried here', () => {
  const scoped = Object.entries(routes).flatMap(([name, { scope }]) => (scope === 'lease' ? [name] : []));
  expect([...ofLeases].sort()).toEqual(scoped.sort());
});

describe('the token of a lease', () => {
  test.each(ofLeases)('does nothing to another lease of its org by %s', async (name) => {
    const { server, acme } = await openWorld();
    const [own, other] = [await acme.running(), await acme.running()];
    await server.stopLoops();
    const before = dumpDatabase(server.dataDir);
    expectRefusal(await ask(server, name, other, own.lease.token), 404, 'not_found');
    // With its own lease in the path, and the other one's job.
    const mixed = { ...own, job: other.job };
    const { status } = await ask(server, name, mixed, own.lease.token);
    if (routes[name].path.includes(':job_id')) expect([404, 409]).toContain(status);
    if (routes[name].path.includes(':job_id')) expect(dumpDatabase(server.dataDir)).toEqual(before);
  });

  test.each(ofLeases)('with one character changed is refused by %s', async (name) => {
    const { server, acme } = await openWorld();
    const held = await acme.running();
    const { token } = held.lease;
    await server.stopLoops();
    const before = dumpDatabase(server.dataDir);
    for (const at of [4, 12, 30, 60, 100, token.length - 1]) {
      const wrong = token.slice(0, at) + (token[at] === '7' ? '8' : '7') + token.slice(at + 1);
      expectRefusal(await ask(server, name, held, wrong), 401, 'unauthorized');
    }
    expect(dumpDatabase(server.dataDir)).toEqual(before);
  });

  test.each(ofLeases)(
    'is taken for a day after the end of its lease by %s, and then no more',
    async (name) => {
      const { clock, server, acme } = await openWorld();
      const held = await acme.running();
      const body = { attempt: 1, verdict: 'error', error_class: 'rejected', duration_ms: 1 } as const;
      const params = { id: held.lease.lease_id, job_id: held.job.job_id };
      await acme.of(held.lease).call('finishJob', { params, body });
      clock.now += 24 * hourMs - 1;
      const { status } = await ask(server, name, held, held.lease.token);
      expect([200, 204, 409]).toContain(status);
      clock.now += 1;
      await server.stopLoops();
      const before = dumpDatabase(server.dataDir);
      const late = await ask(server, name, held, held.lease.token);
      expectRefusal(late, 401, 'unauthorized');
      expect(late.json.error.details).toEqual({ lease_id: held.lease.lease_id });
      expect(dumpDatabase(server.dataDir)).toEqual(before);
      // The operator is bound by the fence alone.
      expect((await ask(server, name, held, server.adminToken)).status).not.toBe(401);
    },
  );

  test('has no end while its lease lives', async () => {
    const { clock, server, acme } = await openWorld();
    const { lease, job, fleet } = await acme.running();
    for (let n = 0; n < 60; n += 1) {
      clock.now += 0.5 * hourMs;
      const body = { boot_id: fleet.bootId, leases: [lease.lease_id], wait_ms: 0 };
      await server.as(acme.tokens.agent).call('heartbeat', { params: { id: fleet.agentId }, body });
    }
    const answer = await ask(server, 'finishJob', { lease, job }, lease.token);
    expect(answer).toMatchObject({ status: 200, json: { status: 'queued' } });
  });

  test('is the same in a repeat of the lease request, after a restart too, and stands nowhere on disk', async () => {
    const server = await startTestServer();
    const acme = new World(server, await addOrg(server, 'acme'));
    const fleet = await acme.fleet();
    await acme.submit({ target: fleet.target });
    const body = acme.poll(fleet);
    const take = (at: TestServer) => at.as(acme.tokens.agent).call('takeLease', { body });
    const first = await take(server);
    expect(first?.token).toMatch(/^qgj_lse_lease-[\w-]+_[0-9a-f]{72}$/);
    expect((await take(server))?.token).toBe(first?.token);
    const secret = first?.token.slice(-72, -8) ?? '';
    expect(JSON.stringify(dumpDatabase(server.dataDir))).not.toContain(secret);
    expect(server.log.join()).not.toContain(secret);
    await server.close();

    const next = await startTestServer({ dataDir: server.dataDir });
    expect((await take(next))?.token).toBe(first?.token);
    const job = first?.jobs[0] as Job;
    const held = { lease: first as Lease, job };
    expect((await ask(next, 'startJob', held, first?.token ?? '')).status).toBe(200);
  });

  test('of another database is refused, also for a lease of the same id', async () => {
    const take = async () => {
      const { server, acme } = await openWorld();
      const fleet = await acme.fleet();
      const { jobs } = await acme.submit({ target: fleet.target });
      const body = { ...acme.poll(fleet), lease_id: 'lease-of-the-same-id' };
      const lease = (await server.as(acme.tokens.agent).call('takeLease', { body })) as Lease;
      return { server, lease, job: jobs[0] as Job };
    };
    const [one, other] = [await take(), await take()];
    expectRefusal(await ask(one.server, 'startJob', one, other.lease.token), 401, 'unauthorized');
  });

  test('says nothing any more once the token of its agent was revoked: the lease has ended with that', async () => {
    const { server, acme } = await openWorld();
    const [first, second] = [await acme.running(), await acme.running()];
    const { tokens } = await server.as(acme.tokens.admin).call('listTokens');
    const own = tokens.find(({ scopes }) => scopes.includes('agent'));
    await server.as(acme.tokens.admin).call('deleteToken', { params: { id: own?.token_id ?? '' } });
    const beat = {
      token: acme.tokens.agent,
      params: { id: first.fleet.agentId },
      body: { boot_id: first.fleet.bootId, leases: [first.lease.lease_id], wait_ms: 0 },
    };
    expectRefusal(await server.ask('heartbeat', beat), 401, 'unauthorized');
    for (const held of [first, second])
      expectRefusal(await ask(server, 'finishJob', held, held.lease.token), 409, 'lease_lost');
  });

  test('adds no line and no file any more, also to an attempt that has ended before', async () => {
    const { server, acme } = await openWorld();
    const [ran, runs] = [await acme.running(), await acme.running()];
    await ask(server, 'finishJob', ran, ran.lease.token);
    for (const name of ['appendLogs', 'uploadArtifact'] as const)
      expect((await ask(server, name, ran, ran.lease.token)).status).toBe(200);
    const { tokens } = await server.as(acme.tokens.admin).call('listTokens');
    const own = tokens.find(({ scopes }) => scopes.includes('agent'));
    const revoke = (id: string) => server.as(acme.tokens.admin).call('deleteToken', { params: { id } });
    await revoke(own?.token_id ?? '');
    for (const held of [ran, runs])
      for (const name of ['appendLogs', 'uploadArtifact', 'openArtifactUpload'] as const)
        expectRefusal(await ask(server, name, held, held.lease.token), 409, 'lease_lost');
  });
});

test('an agent’s token makes no call about a lease, its own neither', async () => {
  const { server, acme } = await openWorld();
  const held = await acme.running();
  await server.stopLoops();
  const before = dumpDatabase(server.dataDir);
  for (const name of ofLeases) {
    const answer = await ask(server, name, held, acme.tokens.agent);
    expectRefusal(answer, 403, 'forbidden');
    expect(answer.json.error.message).toBe('this call needs the token that came with the lease (`token`)');
  }
  expect(dumpDatabase(server.dataDir)).toEqual(before);
});

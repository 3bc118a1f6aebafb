import { get } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fillPath, routes } from '../../protocol/routes.ts';
import { addOrg, startTestServer } from '../../test/support/server.ts';
import { type Fleet, World } from '../../test/support/world.ts';
import { LeaseDispatcher } from '../queue/dispatch/lease-dispatcher.ts';
import { type Listener, WakeUps } from '../queue/store/wake-ups.ts';

const longMs = 25_000;

/** Counts the open long polls: each is a sleeper among the wake-ups, or a lease request at the dispatcher. */
function countHeld(): { readonly open: number } {
  const sleepers = { open: 0 };
  const { listen } = WakeUps.prototype;
  vi.spyOn(WakeUps.prototype, 'listen').mockImplementation(function (this: WakeUps, key): Listener {
    const listener = listen.call(this, key);
    sleepers.open += 1;
    return {
      ...listener,
      close() {
        sleepers.open -= 1;
        listener.close();
      },
    };
  });
  const { lease } = LeaseDispatcher.prototype;
  vi.spyOn(LeaseDispatcher.prototype, 'lease').mockImplementation(function (this: LeaseDispatcher, ...args) {
    sleepers.open += 1;
    return lease.apply(this, args).finally(() => {
      sleepers.open -= 1;
    });
  });
  onTestFinished(() => void vi.restoreAllMocks());
  return sleepers;
}

const until = (met: () => void) => vi.waitFor(met, { timeout: 30_000, interval: 5 });

async function openWorld(flags = {}) {
  const sleepers = countHeld();
  const server = await startTestServer({ flags });
  const world = new World(server, await addOrg(server, 'acme'));
  const held = (n = 1) => until(() => expect(sleepers.open).toBe(n));
  return {
    server,
    world,
    sleepers,
    held,
    reader: server.as(world.tokens.read),
    agent: server.as(world.tokens.agent),
  };
}

// Without a wake-up each of these would answer the old state, 25 s later.

test('a long poll of a run answers the changes as soon as a job of it changes', async () => {
  const { world, reader, held, server } = await openWorld();
  const { run, jobs } = await world.submit({ tests: ['a', 'b', 'c'] });
  const answer = reader.call('getRun', {
    params: { id: run.run_id },
    query: { after_rev: run.rev, wait_ms: longMs },
  });
  await held();
  await server.client.call('cancelJob', { params: { id: jobs[1]?.job_id ?? '' } });
  expect(await answer).toMatchObject({ counts: { cancelled: 1 }, jobs: [{ job_id: jobs[1]?.job_id }] });
});

test('a long poll of a job answers as soon as the job starts', async () => {
  const { world, reader, held } = await openWorld();
  const { lease, job } = await world.lease();
  const known = await reader.call('getJob', { params: { id: job.job_id } });
  const answer = reader.call('getJob', {
    params: { id: job.job_id },
    query: { after_rev: known.rev, wait_ms: longMs },
  });
  await held();
  const params = { id: lease.lease_id, job_id: job.job_id };
  await world.of(lease).call('startJob', { params, body: { attempt: 1 } });
  expect(await answer).toMatchObject({ status: 'running', attempt: 1 });
});

test('a waiting lease request is given the job of a submit that comes later', async () => {
  const { world, agent, held } = await openWorld();
  const fleet = await world.fleet();
  const lease = agent.call('takeLease', { body: world.poll(fleet, longMs) });
  await held();
  const { jobs } = await world.submit({ target: fleet.target });
  expect(await lease).toMatchObject({ jobs: [{ job_id: jobs[0]?.job_id }] });
});

test('a waiting heartbeat answers a cancel at once and only once, and then that its process was replaced', async () => {
  const { world, server, agent, held } = await openWorld();
  const { fleet, lease, job } = await world.running();
  const heartbeat = (waitMs: number) =>
    agent.call('heartbeat', {
      params: { id: fleet.agentId },
      body: { boot_id: fleet.bootId, leases: [lease.lease_id], wait_ms: waitMs },
    });
  const answer = heartbeat(longMs);
  await held();
  await server.client.call('cancelRun', { params: { id: job.run_id } });
  const told = { leases: [{ lease_id: lease.lease_id, status: 'active', cancel: [job.job_id] }] };
  expect(await answer).toMatchObject(told);

  const again = expect(heartbeat(longMs)).rejects.toMatchObject({ code: 'replaced' });
  await held();
  const body = { name: fleet.name, boot_id: 'boot-of-the-next', version: '2', devices: [] };
  await agent.call('registerAgent', { body });
  await again;
});

test('a waiting heartbeat answers a drain at once, and its end', async () => {
  const { world, server, agent, held } = await openWorld();
  const fleet = await world.fleet();
  const params = { id: fleet.agentId };
  const heartbeat = (waitMs: number) =>
    agent.call('heartbeat', { params, body: { boot_id: fleet.bootId, leases: [], wait_ms: waitMs } });
  const drain = (on: boolean) =>
    server.as(world.tokens.admin).call('patchAgent', { params, body: { drain: on } });
  const drained = heartbeat(longMs);
  await held();
  expect(await drain(true)).toMatchObject({ agent_id: fleet.agentId, drain: true, status: 'draining' });
  expect(await drained).toEqual({ leases: [], drain: true });

  // The agent knows of the drain, so the heartbeat waits again; the same switch a second time is no news.
  const opened = heartbeat(longMs);
  await held();
  await drain(true);
  expect(await drain(false)).toMatchObject({ drain: false, status: 'online' });
  expect(await opened).toEqual({ leases: [], drain: false });
  expect(await heartbeat(0)).toEqual({ leases: [], drain: false });
});

test.each<[string, (world: World, fleet: Fleet, on: boolean) => Promise<unknown>]>([
  [
    'its agent was drained',
    ({ server, tokens }, { agentId }, on) =>
      server.as(tokens.admin).call('patchAgent', { params: { id: agentId }, body: { drain: on } }),
  ],
  [
    'its agent was paused',
    ({ server, tokens }, { agentId }, on) =>
      server.as(tokens.admin).call('patchAgent', { params: { id: agentId }, body: { paused: on } }),
  ],
  [
    'it was paused',
    ({ server, tokens }, { deviceId }, on) =>
      server.as(tokens.admin).call('patchDevice', { params: { id: deviceId }, body: { paused: on } }),
  ],
  [
    'its org was paused',
    ({ server, tokens }, _, on) =>
      server.as(tokens.admin).call('patchOrg', { params: { id: 'acme' }, body: { paused: on } }),
  ],
  [
    'its org was paused on its target',
    ({ server, tokens }, { target }, on) => {
      const body = { paused_targets: on ? ['emulator', target] : ['emulator'] };
      return server.as(tokens.admin).call('patchOrg', { params: { id: 'acme' }, body });
    },
  ],
  [
    'the cap of its org was 0',
    ({ server }, _, on) =>
      server.client.call('patchOrg', { params: { id: 'acme' }, body: { max_leases: on ? 0 : null } }),
  ],
])(
  'the waiting lease request of a device gets nothing while %s, and the job when that has ended',
  async (_, turn) => {
    const { world, agent, held } = await openWorld();
    const fleet = await world.fleet();
    const { jobs } = await world.submit({ target: fleet.target });
    await turn(world, fleet, true);
    expect(await agent.call('takeLease', { body: world.poll(fleet) })).toBeUndefined();
    const lease = agent.call('takeLease', { body: world.poll(fleet, longMs) });
    await held();
    await turn(world, fleet, false);
    expect(await lease).toMatchObject({ jobs: [{ job_id: jobs[0]?.job_id }] });
  },
);

test('a long poll without news answers what is known when its time is over', async () => {
  const { world, reader, agent } = await openWorld();
  const { run } = await world.submit();
  const fleet = await world.fleet();
  const query = { after_rev: run.rev, wait_ms: 20 };
  expect(await reader.call('getRun', { params: { id: run.run_id }, query })).toMatchObject({ jobs: [] });
  expect(await agent.call('takeLease', { body: world.poll(fleet, 20) })).toBeUndefined();
  const heartbeat = { boot_id: fleet.bootId, leases: [], wait_ms: 20 };
  expect(await agent.call('heartbeat', { params: { id: fleet.agentId }, body: heartbeat })).toMatchObject({
    leases: [],
  });
});

test('a run with more than 500 changes is answered in pages that miss nothing', async () => {
  const { world, reader } = await openWorld();
  const { run } = await world.submit({
    tests: Array.from({ length: 1100 }, (_, index) => `${index}.spec.ts`),
  });
  const seen = new Set<string>();
  const sizes: number[] = [];
  let after = 0;
  for (let more: boolean | undefined = true; more; ) {
    const page = await reader.call('getRun', { params: { id: run.run_id }, query: { after_rev: after } });
    for (const { job_id: id } of page.jobs) seen.add(id);
    sizes.push(page.jobs.length);
    after = page.jobs.at(-1)?.rev ?? 0;
    more = page.more;
  }
  expect(sizes).toEqual([500, 500, 100]);
  expect(seen.size).toBe(1100);
});

test('a token that was revoked while its call waited sees nothing more', async () => {
  const { world, server, held } = await openWorld();
  const { run, jobs } = await world.submit();
  const { token_id: id, token } = await server.client.call('createToken', {
    body: { name: 'gone', org_id: 'acme', scopes: ['read'] },
  });
  const query = { after_rev: run.rev, wait_ms: longMs };
  const answer = server.ask('getRun', { token, params: { id: run.run_id }, query });
  await held();
  await server.client.call('deleteToken', { params: { id } });
  await server.client.call('cancelJob', { params: { id: jobs[0]?.job_id ?? '' } });
  expect(await answer).toMatchObject({ status: 401, json: { error: { code: 'unauthorized' } } });
});

test('nothing is left of 450 callers that hung up', async () => {
  const { world, server, reader, sleepers, held } = await openWorld();
  const { run } = await world.submit();
  const path = `${fillPath(routes.getRun.path, { id: run.run_id })}?after_rev=${run.rev}&wait_ms=${longMs}`;
  const calls = Array.from({ length: 400 }, () => {
    const headers = { authorization: `Bearer ${world.tokens.read}` };
    return get(server.url + path, { agent: false, headers }).on('error', () => undefined);
  });
  const hangUp = new AbortController();
  const fleets = await Promise.all(Array.from({ length: 50 }, () => world.fleet()));
  const polls = Promise.allSettled(
    fleets.map((fleet) => {
      const body = world.poll(fleet, longMs);
      return server.ask('takeLease', { token: world.tokens.agent, body, signal: hangUp.signal });
    }),
  );
  await held(450);
  for (const call of calls) call.destroy();
  hangUp.abort();
  await held(0);
  expect((await polls).every(({ status }) => status === 'rejected')).toBe(true);

  // No caller that is gone got the job, and the one that calls now is woken.
  const answer = reader.call('getRun', {
    params: { id: run.run_id },
    query: { after_rev: run.rev, wait_ms: longMs },
  });
  await held();
  await server.client.call('cancelRun', { params: { id: run.run_id } });
  expect(await answer).toMatchObject({ status: 'cancelled' });
  await held(0);
  expect(sleepers.open).toBe(0);
});

test('a caller that hangs up is not given the job that comes then', async () => {
  const { world, server, agent, held } = await openWorld();
  const fleet = await world.fleet();
  const hangUp = new AbortController();
  const body = world.poll(fleet, longMs);
  const gone = server.ask('takeLease', { token: world.tokens.agent, body, signal: hangUp.signal });
  await held();
  hangUp.abort();
  await expect(gone).rejects.toThrow();
  await held(0);
  const { jobs } = await world.submit({ target: fleet.target });
  expect(await agent.call('takeLease', { body: world.poll(fleet) })).toMatchObject({
    jobs: [{ job_id: jobs[0]?.job_id }],
  });
});

test('a stop answers all long polls', async () => {
  const { world, server, held } = await openWorld();
  const { run } = await world.submit();
  const { fleet, lease } = await world.running();
  const idle = await world.fleet();
  const answers = [
    server.ask('getRun', { params: { id: run.run_id }, query: { after_rev: run.rev, wait_ms: longMs } }),
    server.ask('takeLease', { token: world.tokens.agent, body: world.poll(idle, longMs) }),
    server.ask('heartbeat', {
      token: world.tokens.agent,
      params: { id: fleet.agentId },
      body: { boot_id: fleet.bootId, leases: [lease.lease_id], wait_ms: longMs },
    }),
  ];
  await held(3);
  const closed = server.close();
  const [held1, held2, held3] = await Promise.all(answers);
  expect([held1?.status, held2?.status, held3?.status]).toEqual([200, 204, 200]);
  expect(held1?.headers.get('connection')).toBe('close');
  await closed;
});

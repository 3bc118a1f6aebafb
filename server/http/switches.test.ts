import { beforeEach, describe, expect, test } from 'vitest';
import { addOrg, startTestServer, type TestServer } from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

let server: TestServer;
let acme: World;
let rival: World;

beforeEach(async () => {
  server = await startTestServer();
  acme = new World(server, await addOrg(server, 'acme'));
  rival = new World(server, await addOrg(server, 'rival'));
});

const admin = () => server.as(acme.tokens.admin);

/** A shared agent with two devices. */
async function sharedRack() {
  const devices = ['d0', 'd1'].map((name) => ({ name, target: 'emulator' }));
  const body = { name: 'rack', boot_id: 'boot-of-rack', version: '1', devices };
  const { agent_id: agentId, devices: made } = await server.client.call('registerAgent', { body });
  return { agentId, deviceIds: made.map((one) => one.device_id) };
}

describe('a paused device', () => {
  test('is shown so, and what it runs goes on to its verdict', async () => {
    const { fleet, lease, job } = await acme.running();
    const params = { id: fleet.deviceId };
    const paused = await admin().call('patchDevice', { params, body: { paused: true } });
    expect(paused).toMatchObject({ device_id: fleet.deviceId, status: 'paused', lease_id: lease.lease_id });
    const finish = {
      params: { id: lease.lease_id, job_id: job.job_id },
      body: { attempt: 1, verdict: 'failed' as const, duration_ms: 5 },
    };
    const agent = server.as(acme.tokens.agent);
    expect(await acme.of(lease).call('finishJob', finish)).toMatchObject({ status: 'queued' });
    expect(await agent.call('takeLease', { body: acme.poll(fleet) })).toBeUndefined();
    expect(await admin().call('patchDevice', { params, body: { paused: false } })).toMatchObject({
      status: 'idle',
      lease_id: null,
    });
  });

  test('stays so when its agent starts anew', async () => {
    const fleet = await acme.fleet();
    const params = { id: fleet.deviceId };
    await admin().call('patchDevice', { params, body: { paused: true } });
    const body = {
      name: fleet.name,
      boot_id: 'boot-of-the-next',
      version: '2',
      devices: [{ name: 'one', target: fleet.target }],
    };
    await server.as(acme.tokens.agent).call('registerAgent', { body });
    expect((await admin().call('listDevices')).devices).toMatchObject([{ status: 'paused' }]);
  });
});

describe('an agent', () => {
  test('that is paused has all its devices paused, and opens them all again', async () => {
    const rack = await sharedRack();
    const own = await acme.fleet();
    const statuses = async () =>
      (await server.client.call('listDevices')).devices.map((one) => [one.device_id, one.status]);
    const params = { id: rack.agentId };
    expect(await server.client.call('patchAgent', { params, body: { paused: true } })).toMatchObject({
      agent_id: rack.agentId,
      status: 'online',
      drain: false,
    });
    const paused = rack.deviceIds.map((id) => [id, 'paused']);
    expect((await statuses()).sort()).toEqual([...paused, [own.deviceId, 'idle']].sort());
    await server.client.call('patchAgent', { params, body: { paused: false } });
    expect((await statuses()).map(([, status]) => status)).toEqual(['idle', 'idle', 'idle']);
  });

  test('that drains is open again when it starts anew', async () => {
    const fleet = await acme.fleet();
    await admin().call('patchAgent', { params: { id: fleet.agentId }, body: { drain: true } });
    const body = { name: fleet.name, boot_id: 'boot-of-the-next', version: '2', devices: [] };
    await server.as(acme.tokens.agent).call('registerAgent', { body });
    const { agents } = await admin().call('listAgents');
    expect(agents).toMatchObject([{ agent_id: fleet.agentId, drain: false, status: 'online' }]);
  });
});

describe('an org', () => {
  test('is paused by its own admin, and so shown', async () => {
    const params = { id: 'acme' };
    expect(await admin().call('patchOrg', { params, body: { paused: true } })).toMatchObject({
      org_id: 'acme',
      paused: true,
    });
    const { orgs } = await server.client.call('listOrgs');
    expect(orgs.map((org) => [org.org_id, org.paused])).toEqual([
      ['acme', true],
      ['rival', false],
    ]);
  });

  test('that is paused lets what runs end, and others work', async () => {
    const { lease, job } = await acme.running();
    await admin().call('patchOrg', { params: { id: 'acme' }, body: { paused: true } });
    const finished = await acme.of(lease).call('finishJob', {
      params: { id: lease.lease_id, job_id: job.job_id },
      body: { attempt: 1, verdict: 'error', error_class: 'rejected', duration_ms: 1 },
    });
    expect(finished.status).toBe('errored');
    expect((await rival.lease()).lease.org_id).toBe('rival');
  });

  test('that is paused on a target by its admin works on its other ones, and lets what runs there end', async () => {
    const { fleet, lease, job } = await acme.running();
    const body = { paused_targets: [fleet.target, 'emulator', fleet.target] };
    const org = await admin().call('patchOrg', { params: { id: 'acme' }, body });
    expect(org).toMatchObject({ paused: false, paused_targets: [fleet.target, 'emulator'] });
    const finish = {
      params: { id: lease.lease_id, job_id: job.job_id },
      body: { attempt: 1, verdict: 'failed' as const, duration_ms: 5 },
    };
    const agent = server.as(acme.tokens.agent);
    expect(await acme.of(lease).call('finishJob', finish)).toMatchObject({ status: 'queued' });
    expect(await agent.call('takeLease', { body: acme.poll(fleet) })).toBeUndefined();
    const why = await admin().call('explainJob', { params: { id: job.job_id } });
    const message = `org acme is paused on ${fleet.target}`;
    expect(why.blocked_by).toMatchObject([{ reason: 'target_paused', message, until: null }]);
    expect((await acme.lease()).lease.org_id).toBe('acme');
    await admin().call('patchOrg', { params: { id: 'acme' }, body: { paused_targets: [] } });
    expect((await agent.call('takeLease', { body: acme.poll(fleet) }))?.jobs).toMatchObject([
      { job_id: job.job_id },
    ]);
  });

  test('has its weight and its cap set by the operator, each without touching the rest', async () => {
    const change = (body: object) => server.client.call('patchOrg', { params: { id: 'acme' }, body });
    expect(await change({ weight: 2.5 })).toMatchObject({ weight: 2.5, max_leases: null, paused: false });
    expect(await change({ max_leases: 3 })).toMatchObject({ weight: 2.5, max_leases: 3, paused: false });
    expect(await change({ paused: true })).toMatchObject({ weight: 2.5, max_leases: 3, paused: true });
    expect(await change({ max_leases: null })).toMatchObject({ weight: 2.5, max_leases: null, paused: true });
  });

  test.each([{ weight: 9 }, { max_leases: 9 }, { max_leases: null }, { paused: true, weight: 9 }])(
    'refuses its admin %j, and nothing of it is done',
    async (body) => {
      const answer = await server.ask('patchOrg', { token: acme.tokens.admin, params: { id: 'acme' }, body });
      expectRefusal(answer, 403, 'forbidden');
      const { orgs } = await server.client.call('listOrgs');
      expect(orgs[0]).toMatchObject({ org_id: 'acme', weight: 1, max_leases: null, paused: false });
    },
  );

  test('that is unknown is so to the operator too', async () => {
    const answer = await server.ask('patchOrg', { params: { id: 'nobody' }, body: { paused: true } });
    expectRefusal(answer, 404, 'not_found');
  });
});

test('what is shared is seen by an org’s admin, and switched by the operator alone', async () => {
  const { agentId, deviceIds } = await sharedRack();
  const token = acme.tokens.admin;
  const drain = { token, params: { id: agentId }, body: { drain: true } };
  expectRefusal(await server.ask('patchAgent', drain), 403, 'forbidden');
  const pause = { token, params: { id: deviceIds[0] ?? '' }, body: { paused: true } };
  expectRefusal(await server.ask('patchDevice', pause), 403, 'forbidden');
  const { devices } = await server.as(acme.tokens.read).call('listDevices');
  expect(devices.map((one) => one.status)).toEqual(['idle', 'idle']);
});

test.each([
  ['patchAgent', {}, 'nothing to change: send drain or paused'],
  ['patchDevice', {}, 'nothing to change: send paused'],
  ['patchOrg', {}, 'nothing to change: send paused or paused_targets or weight or max_leases'],
  ['patchAgent', { drain: 'yes' }, 'drain'],
  ['patchDevice', { drain: true }, 'unknown: "drain"'],
  ['patchOrg', { paused_targets: ['phone'] }, 'unknown target "phone"'],
  ['patchOrg', { quotas: { phones: 1 } }, 'unknown: "phones"'],
  ['patchOrg', { weight: 0 }, 'weight'],
  ['patchOrg', { max_leases: -1 }, 'max_leases'],
  ['patchOrg', { max_leases: 1.5 }, 'max_leases'],
] as const)('%s refuses %j', async (name, body, says) => {
  const answer = await server.ask(name, { params: { id: 'acme' }, body });
  expectRefusal(answer, 400, 'invalid');
  expect(answer.json.error.message).toContain(says);
});

test.each(['patchAgent', 'patchDevice'] as const)('%s of an unknown id is not found', async (name) => {
  expectRefusal(
    await server.ask(name, { params: { id: 'agt_1' }, body: { paused: true } }),
    404,
    'not_found',
  );
});

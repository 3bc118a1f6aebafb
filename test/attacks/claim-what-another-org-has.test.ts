import { expect, test } from 'vitest';
import { addOrg, dumpDatabase, startTestServer } from '../support/server.ts';
import { World } from '../support/world.ts';

async function openTwo() {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const rival = new World(server, await addOrg(server, 'rival'));
  return { server, acme, rival };
}

test('an agent that says it has the app of another org is seen by nobody there, and gets none of its jobs', async () => {
  const { server, acme, rival } = await openTwo();
  const { run } = await acme.submit({ target: 'emulator' });
  const installed = { org_id: 'acme', app_version_id: 'v1' };
  const registered = await server.ask('registerAgent', {
    token: rival.tokens.agent,
    body: {
      ...{ name: 'rack', boot_id: 'boot-of-the-rack', version: '1' },
      devices: [{ name: 'one', target: 'emulator', installed }],
    },
  });
  const [device] = registered.json.devices;
  const ask = { boot_id: 'boot-of-the-rack', device_id: device.device_id, lease_id: 'lease-of-the-rack-1' };
  const answer = await server.ask('takeLease', {
    token: rival.tokens.agent,
    body: { ...ask, installed, wait_ms: 0 },
  });
  expect(answer.status).toBe(204);
  const reader = server.as(acme.tokens.read);
  expect(JSON.stringify(await reader.call('listGroups'))).not.toContain(device.device_id);
  expect(JSON.stringify(await reader.call('listDevices'))).not.toContain(device.device_id);
  expect((await reader.call('getRun', { params: { id: run.run_id } })).status).toBe('queued');
});

test('a heartbeat that names the lease of another org learns nothing of it, and keeps it no longer alive', async () => {
  const { server, acme, rival } = await openTwo();
  const { lease, job } = await acme.running();
  const spy = await rival.fleet();
  await server.as(acme.tokens.submit).call('cancelJob', { params: { id: job.job_id } });
  const rows = () => (dumpDatabase(server.dataDir).leases as { id: string; expires_at: number }[]) ?? [];
  const expiry = () => rows().find(({ id }) => id === lease.lease_id)?.expires_at;
  const before = expiry();
  const beat = (fleet: { agentId: string; bootId: string }, token: string, leaseId: string) =>
    server.ask('heartbeat', {
      ...{ token, params: { id: fleet.agentId } },
      body: { boot_id: fleet.bootId, leases: [leaseId] },
    });
  const of = async (leaseId: string) => (await beat(spy, rival.tokens.agent, leaseId)).json.leases[0];
  const { lease_id: foreign, ...told } = await of(lease.lease_id);
  const { lease_id: none, ...nothing } = await of(`lease_${'0'.repeat(32)}`);
  expect([foreign, none]).toEqual([lease.lease_id, `lease_${'0'.repeat(32)}`]);
  expect(told).toEqual(nothing);
  expect(told).toMatchObject({ status: 'lost', cancel: [] });
  expect(before).toBeGreaterThan(0);
  expect(expiry()).toBe(before);
});

import { describe, expect, test } from 'vitest';
import { addOrg, startTestServer } from '../../../test/support/server.ts';
import { signIn } from '../../../test/support/web.ts';
import { World } from '../../../test/support/world.ts';

async function open() {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const rival = new World(server, await addOrg(server, 'rival'));
  return { server, acme, rival };
}

/** The row of a table, as text without tags. */
function rowOf(html: string, id: string): string {
  const [, row = ''] = new RegExp(`<tr id="row-${id}">(.*?)</tr>`, 's').exec(html) ?? [];
  return row.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

describe('the page of the devices', () => {
  test('shows each device by its target: what it runs, what it holds and its agent', async () => {
    const { server, acme } = await open();
    const { fleet, lease, job } = await acme.running();
    const installed = { ok: true, duration_ms: 5, installs: 1 };
    await acme.of(lease).call('reportInstalled', { params: { id: lease.lease_id }, body: installed });
    const { text } = await (await signIn(server.url, acme.tokens.read)).get('/ui/devices');
    expect(text).toContain(`<h2>${fleet.target}</h2>`);
    expect(text).toContain(`href="/ui/jobs/${job.job_id}"`);
    expect(rowOf(text, fleet.deviceId)).toMatch(/one busy a\.spec\.ts v1 agent-1 1/);
  });

  test('says why a device gets no job, and pauses and resumes it for an admin', async () => {
    const { server, acme } = await open();
    const { deviceId: id } = await acme.fleet();
    const admin = await signIn(server.url, acme.tokens.admin);
    const back = '/devices?status=idle';
    const paused = await admin.post(`/ui/devices/${id}/pause`, { back });
    expect([paused.status, paused.location]).toEqual([303, `/ui${back}`]);
    const page = await admin.get('/ui/devices?status=paused');
    expect(rowOf(page.text, id)).toContain('paused it: it gets no job until it is resumed');
    expect(rowOf((await admin.get('/ui/devices?status=idle')).text, id)).toBe('');
    await admin.post(`/ui/devices/${id}/resume`, { back: 'https://evil.example' });
    const { devices } = await server.client.call('listDevices', {});
    expect(devices).toMatchObject([{ status: 'idle' }]);
  });

  test('leads back to a page of its own alone, with the org that the operator chose', async () => {
    const { server, acme } = await open();
    const { deviceId: id } = await acme.fleet();
    const operator = await signIn(server.url, server.adminToken);
    for (const back of ['//evil.example', '/settings', ''])
      expect((await operator.post(`/ui/devices/${id}/pause?org=acme`, { back })).location).toBe(
        '/ui/devices?org=acme',
      );
  });

  test('shows nobody the devices of another org, and lets nobody switch them', async () => {
    const { server, acme, rival } = await open();
    const { deviceId: id, agentId } = await acme.fleet();
    const stranger = await signIn(server.url, rival.tokens.admin);
    for (const path of ['/ui/devices', '/ui/agents'])
      expect((await stranger.get(path)).text).not.toMatch(/agent-1|dev_/);
    expect((await stranger.get(`/ui/devices/${id}`)).status).toBe(404);
    expect((await stranger.post(`/ui/devices/${id}/pause`)).status).toBe(404);
    expect((await stranger.post(`/ui/agents/${agentId}/drain`)).status).toBe(404);
    for (const scope of ['read', 'submit'] as const) {
      const visitor = await signIn(server.url, acme.tokens[scope]);
      expect((await visitor.get('/ui/devices')).text).not.toContain('/pause');
      expect((await visitor.post(`/ui/devices/${id}/pause`)).status).toBe(403);
    }
    const admin = await signIn(server.url, acme.tokens.admin);
    expect((await admin.post(`/ui/devices/${id}/pause`, { csrf: 'x' })).status).toBe(403);
    const { devices } = await server.client.call('listDevices', {});
    expect(devices).toMatchObject([{ status: 'idle' }]);
  });

  test('an org that is called shared shares nothing by that', async () => {
    const { server, rival } = await open();
    const { deviceId: id } = await new World(server, await addOrg(server, 'shared')).fleet();
    const stranger = await signIn(server.url, rival.tokens.read);
    expect((await stranger.get(`/ui/devices/${id}`)).status).toBe(404);
  });

  test('a shared device is paused by the operator alone', async () => {
    const { server, acme } = await open();
    const { devices } = await server.client.call('registerAgent', {
      body: {
        ...{ name: 'rack', boot_id: 'boot-of-rack', version: '2.1' },
        devices: [{ name: 'shared-1', target: 'emulator' }],
      },
    });
    const id = devices[0]?.device_id ?? '';
    const admin = await signIn(server.url, acme.tokens.admin);
    const { text } = await admin.get('/ui/devices');
    expect(rowOf(text, id)).toMatch(/shared-1 idle – – rack 2\.1 shared/);
    expect(text).not.toContain('/pause');
    expect((await admin.post(`/ui/devices/${id}/pause`)).status).toBe(403);
    const operator = await signIn(server.url, server.adminToken);
    expect((await operator.post(`/ui/devices/${id}/pause`)).status).toBe(303);
  });

  test('says what to do where there is none, and refuses what it does not know', async () => {
    const { server, acme } = await open();
    const visitor = await signIn(server.url, acme.tokens.read);
    expect((await visitor.get('/ui/devices')).text).toContain('qgjob init agent');
    expect((await visitor.get('/ui/agents')).text).toContain('qgjob init agent');
    expect((await visitor.get('/ui/devices?status=broken')).status).toBe(400);
    expect((await visitor.get('/ui/devices?cursor=x')).status).toBe(400);
  });

  test('is paged by cursors, and filters by target', async () => {
    const { server, acme } = await open();
    const devices = Array.from({ length: 120 }, (_, n) => ({
      name: `d${n}`,
      target: n < 20 ? 'emulator' : 'device',
    }));
    const body = { name: 'rack', boot_id: 'boot-of-rack', version: '1', devices };
    await server.as(acme.tokens.agent).call('registerAgent', { body });
    const visitor = await signIn(server.url, acme.tokens.read);
    const first = await visitor.get('/ui/devices');
    expect(first.text.match(/id="row-dev_/g)).toHaveLength(100);
    const [, next = ''] = /href="([^"]+)">\s*Next page/.exec(first.text) ?? [];
    const second = await visitor.get(next.replaceAll('&amp;', '&'));
    expect(second.text.match(/id="row-dev_/g)).toHaveLength(20);
    const some = await visitor.get('/ui/devices?target=emulator');
    expect(some.text.match(/id="row-dev_/g)).toHaveLength(20);
    expect(some.text).toContain('20 idle');
  });
});

describe('the page of a device', () => {
  test('lists its last attempts, of an org its own alone', async () => {
    const { server, acme, rival } = await open();
    const error = 'expected "<b>hot</b>"\nat line 3';
    const tests = [{ name: 'opens', status: 'failed' as const, duration_ms: 5 }];
    const job = await acme.finished({ verdict: 'failed', error, tests });
    const { devices } = await server.as(acme.tokens.read).call('listDevices', {});
    const path = `/ui/devices/${devices[0]?.device_id}`;
    const { text } = await (await signIn(server.url, acme.tokens.read)).get(path);
    expect(text).toContain('expected &quot;&lt;b&gt;hot&lt;/b&gt;&quot;<');
    expect(text).toContain(`href="/ui/jobs/${job.job_id}"`);
    expect((await (await signIn(server.url, rival.tokens.read)).get(path)).status).toBe(404);
    expect((await (await signIn(server.url, acme.tokens.read)).get('/ui/devices/dev_x')).status).toBe(404);
  });
});

describe('the page of the agents', () => {
  test('drains an agent and ends that', async () => {
    const { server, acme } = await open();
    const { agentId, name } = await acme.fleet();
    const admin = await signIn(server.url, acme.tokens.admin);
    const { location } = await admin.post(`/ui/agents/${agentId}/drain`);
    expect(location).toBe(`/ui/agents#row-${agentId}`);
    const { text } = await admin.get('/ui/agents');
    expect(rowOf(text, agentId)).toMatch(new RegExp(`${name} It takes no more work.* draining 1 1 now`));
    await admin.post(`/ui/agents/${agentId}/undrain`);
    expect(rowOf((await admin.get('/ui/agents')).text, agentId)).toContain('online');
  });
});

describe('a device is borrowed', () => {
  const key = '00000000-0000-0000-0000-000000000000';

  test('for who may submit, kept longer and given back', async () => {
    const { server, acme, rival } = await open();
    const { deviceId: id } = await acme.fleet();
    const path = `/ui/devices/${id}`;
    const form = { key, minutes: '45', note: 'a look at <b>sign-in</b>' };
    const reader = await signIn(server.url, acme.tokens.read);
    expect((await reader.get(path)).text).not.toContain('/borrow');
    expect((await reader.post(`${path}/borrow`, form)).status).toBe(403);
    const stranger = await signIn(server.url, rival.tokens.admin);
    expect((await stranger.post(`${path}/borrow`, form)).status).toBe(404);
    const visitor = await signIn(server.url, acme.tokens.submit);
    const wrong: readonly Record<string, string>[] = [{ minutes: '0' }, { minutes: 'x' }, { key: '' }];
    for (const bad of wrong)
      expect((await visitor.post(`${path}/borrow`, { ...form, ...bad })).status).toBe(400);
    expect((await visitor.post(`${path}/borrow`, form)).location).toBe(path);
    expect((await visitor.post(`${path}/borrow`, form)).status).toBe(303);
    const { text } = await visitor.get(path);
    expect(text).toContain('a look at &lt;b&gt;sign-in&lt;/b&gt;');
    expect(text).toMatch(/borrowed/);
    expect(rowOf((await reader.get('/ui/devices')).text, id)).toMatch(
      /submit has it; it comes back in 45 min/,
    );
    const [, borrow = ''] = /borrows\/(bor_[0-9a-f]{32})\/return/.exec(text) ?? [];
    expect((await stranger.post(`${path}/borrows/${borrow}/return`)).status).toBe(404);
    await visitor.post(`${path}/borrows/${borrow}/extend`, { key, minutes: '120' });
    expect(rowOf((await reader.get('/ui/devices')).text, id)).toContain('in 2 h');
    expect((await visitor.post(`${path}/borrows/${borrow}/return`, { csrf: '' })).status).toBe(403);
    expect((await visitor.post(`${path}/borrows/${borrow}/return`)).status).toBe(303);
    expect(rowOf((await reader.get('/ui/devices')).text, id)).toContain('idle');
  });

  test('in turn: who waits is told so, and may give up', async () => {
    const { server, acme } = await open();
    const { fleet } = await acme.running();
    const path = `/ui/devices/${fleet.deviceId}`;
    const visitor = await signIn(server.url, acme.tokens.submit);
    await visitor.post(`${path}/borrow`, { key, minutes: '30' });
    const { text } = await visitor.get(path);
    expect(text.replace(/<[^>]+>/g, '')).toContain(
      'submit waits for it, number 1 in the queue: one is running a test.',
    );
    const [, borrow = ''] = /borrows\/(bor_[0-9a-f]{32})\/return/.exec(text) ?? [];
    await visitor.post(`${path}/borrows/${borrow}/return`);
    expect((await visitor.get(path)).text).not.toContain('waits for it');
  });
});

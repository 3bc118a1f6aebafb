import { beforeEach, describe, expect, test } from 'vitest';
import { addOrg, startTestServer, type TestServer } from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

let server: TestServer;
let acme: World;

beforeEach(async () => {
  server = await startTestServer();
  acme = new World(server, await addOrg(server, 'acme'));
});

test('a job goes from the submit to its verdict, and everybody sees the same', async () => {
  const { fleet, lease, job } = await acme.lease();
  expect(lease).toMatchObject({ org_id: 'acme', app_version_id: 'v1', target: fleet.target, install: true });
  expect(job).toMatchObject({ status: 'scheduled', next_attempt: 1, timeout_ms: 900_000 });
  const agent = acme.of(lease);
  const params = { id: lease.lease_id, job_id: job.job_id };
  await agent.call('reportInstalled', { params, body: { ok: true, duration_ms: 40 } });
  await agent.call('startJob', { params, body: { attempt: 1 } });

  const { devices } = await server.client.call('listDevices');
  expect(devices).toMatchObject([
    { status: 'busy', lease_id: lease.lease_id, job_id: job.job_id, owner: 'acme' },
  ]);

  const tests = [
    { name: 'opens', status: 'passed' as const, duration_ms: 5 },
    {
      name: 'closes',
      status: 'failed' as const,
      duration_ms: 5,
      message: 'it did not',
      file: 'a.spec.ts',
      line: 3,
    },
  ];
  const report = { attempt: 1, verdict: 'failed' as const, duration_ms: 12, tests };
  const requeued = await agent.call('finishJob', { params, body: report });
  expect(requeued).toMatchObject({ status: 'queued', test_failures: 1 });
  // The answer was lost, so the agent sends the same request again.
  expect(await agent.call('finishJob', { params, body: report })).toMatchObject({ test_failures: 1 });
  const other = { ...report, verdict: 'passed', tests: [] };
  expectRefusal(await server.ask('finishJob', { params, body: other }), 409, 'conflict');

  const { attempts } = await server.client.call('listAttempts', { params: { id: job.job_id } });
  expect(attempts).toMatchObject([{ attempt: 1, verdict: 'failed', error: 'it did not', tests }]);
  const run = await server.client.call('getRun', { params: { id: job.run_id } });
  expect(run).toMatchObject({ status: 'running', installs: 1 });
});

test('verdicts of a lease may come in one call; each is checked alone, and the same call again gets the same answer', async () => {
  const fleet = await acme.fleet();
  const agent = server.as(acme.tokens.agent);
  await acme.submit({ target: fleet.target, tests: ['a', 'b', 'c'], retry_failed_tests: 0 });
  const lease = await agent.call('takeLease', { body: acme.poll(fleet) });
  const [a, b, c] = lease?.jobs ?? [];
  if (!lease || !a || !b || !c) throw new Error('the lease is too small');
  const tests = [{ name: 't', status: 'passed' as const, duration_ms: 1 }];
  const passed = { attempt: 1, verdict: 'passed' as const, duration_ms: 5, tests };
  const body = {
    jobs: [
      { job_id: a.job_id, ...passed },
      { job_id: b.job_id, ...passed, verdict: 'failed' as const },
      { job_id: c.job_id, ...passed, attempt: 2 },
      { job_id: 'job_unknown', ...passed },
    ],
  };
  const params = { id: lease.lease_id };
  const finished = [
    { job_id: a.job_id, status: 'passed', error: null },
    { job_id: b.job_id, status: 'failed', error: null },
    { job_id: c.job_id, status: null, error: { code: 'conflict' } },
    { job_id: 'job_unknown', status: null, error: { code: 'not_found' } },
  ];
  const finish = () => acme.of(lease).call('finishJobs', { params, body });
  expect(await finish()).toMatchObject({ jobs: finished });
  expect(await finish()).toMatchObject({ jobs: finished });
  const run = await server.client.call('getRun', { params: { id: a.run_id } });
  expect(run.counts).toMatchObject({ passed: 1, failed: 1, scheduled: 1 });
  const unknown = await server.ask('finishJobs', {
    params: { id: 'lease-unknown' },
    body,
  });
  expectRefusal(unknown, 404, 'not_found');
});

describe('logs', () => {
  test('are appended by the lease, read by offset, and shown as text whatever they are', async () => {
    const { lease, job } = await acme.running();
    const append = (offset: number, text: string, attempt = 1) =>
      server.ask('appendLogs', {
        token: lease.token,
        params: { id: lease.lease_id, job_id: job.job_id },
        query: { attempt, offset },
        body: new TextEncoder().encode(text),
      });
    expect((await append(0, '<script>alert(1)</script>\n')).json).toEqual({ size: 26 });
    expect((await append(26, '::error::x\n')).json).toEqual({ size: 37 });
    const gap = await append(99, 'x');
    expectRefusal(gap, 409, 'conflict');
    expect(gap.json.error.details).toEqual({ size: 37 });
    expectRefusal(await append(0, 'x', 2), 404, 'not_found');

    const read = (query: Record<string, number>) =>
      server.ask('readLogs', { token: acme.tokens.read, params: { id: job.job_id }, query });
    const all = await read({});
    expect(all.text).toBe('<script>alert(1)</script>\n::error::x\n');
    expect(all.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(all.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await read({ attempt: 1, offset: 26 })).text).toBe('::error::x\n');
    expect(await read({ offset: 500 })).toMatchObject({ status: 200, text: '' });
    expect(await read({ attempt: 7 })).toMatchObject({ status: 200, text: '' });
  });
});

describe('a poll', () => {
  const poll = (body: unknown) => server.ask('takeLease', { token: acme.tokens.agent, body });

  test('that is repeated gets the lease it got', async () => {
    const fleet = await acme.fleet();
    await acme.submit({ target: fleet.target });
    const body = acme.poll(fleet);
    const [first, again] = [await poll(body), await poll(body)];
    expect(again.json.jobs).toEqual(first.json.jobs);
    const other = await poll(acme.poll(fleet));
    expectRefusal(other, 409, 'conflict');
    expect(other.json.error.details).toEqual({ lease_id: body.lease_id });
  });

  test.each(['short', 'x'.repeat(65), 'lease/1234', 'lease 1234', ''])(
    'by the bad id "%s"',
    async (leaseId) => {
      const fleet = await acme.fleet();
      expectRefusal(await poll({ ...acme.poll(fleet), lease_id: leaseId }), 400, 'invalid');
    },
  );

  test('of a process that was replaced ends it', async () => {
    const fleet = await acme.fleet();
    expectRefusal(await poll({ ...acme.poll(fleet), boot_id: 'another-boot' }), 409, 'replaced');
  });

  test('for longer than the longest long poll is refused', async () => {
    const fleet = await acme.fleet();
    expectRefusal(await poll(acme.poll(fleet, 25_001)), 400, 'invalid');
  });
});

test('a shared agent serves every org, by leases that name it', async () => {
  const body = { name: 'rack', shared: true, scopes: ['agent' as const] };
  const { token } = await server.client.call('createToken', { body });
  const offer = {
    name: 'rack',
    boot_id: 'boot-of-rack',
    version: '1',
    devices: [{ name: 'd', target: 'emulator' }],
  };
  const { devices } = await server.as(token).call('registerAgent', { body: offer });
  const { jobs } = await acme.submit();
  const take = { lease_id: 'lease-of-rack', boot_id: 'boot-of-rack', device_id: devices[0]?.device_id ?? '' };
  const shared = await server.as(token).call('takeLease', { body: take });
  expect(shared).toMatchObject({ org_id: 'acme', jobs: [{ job_id: jobs[0]?.job_id }] });
});

test('a device shows nothing of another org that it serves', async () => {
  const rival = new World(server, await addOrg(server, 'rival'));
  const offer = {
    name: 'rack',
    boot_id: 'boot-of-rack',
    version: '1',
    devices: [{ name: 'd', target: 'emulator' }],
  };
  const { devices } = await server.client.call('registerAgent', { body: offer });
  await acme.submit();
  const take = { lease_id: 'lease-of-rack', boot_id: 'boot-of-rack', device_id: devices[0]?.device_id ?? '' };
  await server.client.call('takeLease', { body: take });
  const seen = async (token: string) => (await server.as(token).call('listDevices')).devices[0];
  expect(await seen(acme.tokens.read)).toMatchObject({ status: 'busy', lease_id: 'lease-of-rack' });
  expect(await seen(rival.tokens.read)).toMatchObject({
    status: 'busy',
    lease_id: null,
    job_id: null,
    installed: null,
  });
});

import { expect, onTestFinished, test, vi } from 'vitest';
import { LiveCalls } from '../../server/auth/live-calls.ts';
import { addOrg, type RawAnswer, startTestServer, type TestServer } from '../support/server.ts';
import { openServers } from '../support/two-servers.ts';
import { signIn } from '../support/web.ts';
import { expectRefusal, World } from '../support/world.ts';

/** A call that is held would be answered after this time. */
const longMs = 25_000;
/** So soon every call has ended, also on another server. */
const soonMs = 5000;

const until = (met: () => void | Promise<void>) => vi.waitFor(met, { timeout: 60_000, interval: 5 });
const idOf = (token: string): string => token.split('_')[2] ?? '';

interface Held {
  /** How each call ended, by its name; absent while it has not. */
  readonly ends: Map<string, RawAnswer>;
  /** Reads the rest of a download of which the first bytes have come. */
  readonly readOn: () => Promise<number>;
}

/** Each call that may be held enters here once. */
const entered = vi.spyOn(LiveCalls.prototype, 'enter');

const names = ['beat', 'events', 'job', 'lease', 'run'];

/** Everything that tokens can hold open at a server: polls, a stream, and a download that its caller does not read on. */
async function holdAll(server: TestServer, acme: World): Promise<Held> {
  const { run, jobs } = await acme.submit();
  const fleet = await acme.fleet();
  const readOn = await openDownload(server, acme.tokens.read, await aLargeArtifact(acme));
  const ends = new Map<string, RawAnswer>();
  const before = entered.mock.calls.length;
  const keep = (name: string, call: Promise<RawAnswer>) => void call.then((end) => ends.set(name, end));
  const { read, agent } = acme.tokens;
  const query = { after_rev: 1_000_000, wait_ms: longMs };
  keep('run', server.ask('getRun', { token: read, params: { id: run.run_id }, query }));
  keep('job', server.ask('getJob', { token: read, params: { id: jobs[0]?.job_id ?? '' }, query }));
  keep('lease', server.ask('takeLease', { token: agent, body: acme.poll(fleet, longMs) }));
  const body = { boot_id: fleet.bootId, leases: [], wait_ms: longMs };
  keep('beat', server.ask('heartbeat', { token: agent, params: { id: fleet.agentId }, body }));
  keep('events', server.ask('followEvents', { token: read }));
  await until(() => expect(entered.mock.calls.length).toBe(before + names.length));
  return { ends, readOn };
}

/** More than sockets and their readers hold. */
const fileBytes = 16 * 1024 * 1024;

async function aLargeArtifact(acme: World): Promise<string> {
  const { lease, job } = await acme.running();
  const params = { id: lease.lease_id, job_id: job.job_id, name: 'large.bin' };
  const body = Buffer.alloc(fileBytes, 'x');
  const upload = { token: lease.token, params, query: { attempt: 1 }, body };
  const { json, status, text } = await acme.server.ask('uploadArtifact', upload);
  expect(status, text).toBe(200);
  return json.artifact_id;
}

/** A download of which the first bytes have come. Answers what reads on, and then says how many bytes came. */
async function openDownload(server: TestServer, token: string, id: string): Promise<() => Promise<number>> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.url}/v1/artifacts/${id}`, { headers });
  expect(response.headers.get('content-length')).toBe(String(fileBytes));
  const reader = response.body?.getReader();
  onTestFinished(async () => void (await reader?.cancel().catch(() => undefined)));
  const read = async (): Promise<number> => (await reader?.read())?.value?.length ?? 0;
  let came = await read();
  return async () => {
    for (let more = await read(); more > 0; more = await read()) came += more;
    return came;
  };
}

/** Everything ends within `soonMs`: polls by 401, the stream by its end, the download by a cut. */
async function expectAllEnded({ ends, readOn }: Held, from: number): Promise<void> {
  await until(() => expect([...ends.keys()].sort()).toEqual(names));
  expect(performance.now() - from).toBeLessThan(soonMs);
  for (const name of ['run', 'job', 'lease', 'beat'])
    expectRefusal(ends.get(name) as RawAnswer, 401, 'unauthorized');
  expect(ends.get('events')).toMatchObject({ status: 200 });
  await expect(readOn()).rejects.toThrow('terminated');
}

test('polls, streams and downloads of a token end at once where it is revoked', async () => {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const opened = await holdAll(server, acme);
  expect([...opened.ends.keys()]).toEqual([]);
  const from = performance.now();
  for (const token of [acme.tokens.read, acme.tokens.agent])
    await server.client.call('deleteToken', { params: { id: idOf(token) } });
  await expectAllEnded(opened, from);
});

test('they end within five seconds at another server of the database', async () => {
  const { first, second } = await openServers();
  const acme = new World(first, await addOrg(first, 'acme'));
  const opened = await holdAll(second, acme);
  expect([...opened.ends.keys()]).toEqual([]);
  const from = performance.now();
  for (const token of [acme.tokens.read, acme.tokens.agent])
    await first.client.call('deleteToken', { params: { id: idOf(token) } });
  await expectAllEnded(opened, from);
});

test('they end when the token expires', async () => {
  let now = Date.now();
  const server = await startTestServer({ now: () => now });
  const acme = new World(server, await addOrg(server, 'acme'));
  const opened = await holdAll(server, acme);
  expect([...opened.ends.keys()]).toEqual([]);
  now += 90 * 86_400_000;
  await expectAllEnded(opened, performance.now());
});

test('a page that follows events hears nothing more once its session or its token has ended', async () => {
  const server = await startTestServer();
  const { read } = await addOrg(server, 'acme');
  const follow = async (cookie: string) => {
    const response = await fetch(`${server.url}/ui/events`, { headers: { cookie } });
    expect(response.status).toBe(200);
    return response.text();
  };
  const [one, other] = [await signIn(server.url, read), await signIn(server.url, read)];
  const streams = [follow(one.cookie), follow(other.cookie)] as const;
  await one.post('/ui/sign-out');
  expect(await streams[0]).toContain('event: ready');
  await server.client.call('deleteToken', { params: { id: idOf(read) } });
  expect(await streams[1]).toContain('event: ready');
});

test('the leases of an agent end with its token: their own tokens report no verdict any more', async () => {
  const server = await startTestServer();
  const acme = new World(server, await addOrg(server, 'acme'));
  const { lease, job } = await acme.running();
  const params = { id: lease.lease_id, job_id: job.job_id };
  await server.client.call('deleteToken', { params: { id: idOf(acme.tokens.agent) } });
  const body = { attempt: 1, verdict: 'passed', duration_ms: 5 };
  expectRefusal(await server.ask('finishJob', { token: lease.token, params, body }), 409, 'lease_lost');
  // It was lost, and is tried again.
  const after = await server.client.call('getJob', { params: { id: job.job_id } });
  expect(after).toMatchObject({ status: expect.stringMatching(/^(queued|waiting)$/), attempt: 1 });
});

test('a revoked agent reports nothing at the other server either', async () => {
  const { first, second } = await openServers();
  const acme = new World(first, await addOrg(first, 'acme'));
  const { lease, job } = await acme.running();
  await second.as(first.adminToken).call('deleteToken', { params: { id: idOf(acme.tokens.agent) } });
  const params = { id: lease.lease_id, job_id: job.job_id };
  const body = { attempt: 1, verdict: 'passed', duration_ms: 5 };
  expectRefusal(await first.ask('finishJob', { token: lease.token, params, body }), 409, 'lease_lost');
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { StreamedEvent } from '../../protocol/shapes/events.ts';
import { addOrg, startTestServer, type TestServer } from '../../test/support/server.ts';
import { signIn } from '../../test/support/web.ts';
import { World } from '../../test/support/world.ts';

/** One event of a stream as it came. */
interface Came {
  readonly id: number;
  readonly event: string;
  readonly data: StreamedEvent;
}

/** Reads a stream until the test ends. */
async function follow(url: string, headers: Readonly<Record<string, string>>) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const response = await fetch(url, { headers, signal: stop.signal });
  const came: Came[] = [];
  const state = { ended: false, status: response.status, type: response.headers.get('content-type') };
  const read = async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk as Uint8Array);
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) if (!block.startsWith(':')) came.push(toEvent(block));
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => {
      state.ended = true;
    });
  return { came, state, stop: () => stop.abort() };
}

function toEvent(block: string): Came {
  const fields = new Map(
    block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
  );
  return {
    id: Number(fields.get('id')),
    event: fields.get('event') ?? 'message',
    data: JSON.parse(fields.get('data') ?? '{}'),
  };
}

const until = (met: () => void) => vi.waitFor(met, { timeout: 60_000, interval: 10 });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const typesOf = (came: readonly Came[]) =>
  came.map(({ event, data }) => (event === 'message' ? data.type : event));

async function openWorld(flags = {}) {
  const server: TestServer = await startTestServer({ flags });
  return { server, acme: new World(server, await addOrg(server, 'acme')) };
}

test('what happens to a run comes as it happens, in order, and of other runs nothing', async () => {
  const { server, acme } = await openWorld();
  const { run } = await acme.submit({ tests: ['a', 'b'] });
  const url = `${server.url}/v1/events?run_id=${run.run_id}`;
  const { came, state } = await follow(url, bearer(acme.tokens.read));
  await until(() => expect(typesOf(came)).toEqual(['ready']));
  expect(state.type).toMatch(/^text\/event-stream/);
  await acme.submit();
  await server.client.call('cancelRun', { params: { id: run.run_id } });
  await until(() => expect(typesOf(came)).toEqual(['ready', 'cancelled', 'cancelled', 'run_ended']));
  expect(came.map(({ id }) => id)).toEqual(came.map(({ id }) => id).sort((a, b) => a - b));
  expect(came.at(-1)?.data).toMatchObject({ run_id: run.run_id, job_id: null, org_id: 'acme' });
});

test('who comes back misses nothing and gets nothing twice', async () => {
  const { server, acme } = await openWorld();
  const { run } = await acme.submit({ tests: ['a'] });
  const url = `${server.url}/v1/events?run_id=${run.run_id}`;
  const first = await follow(url, bearer(acme.tokens.read));
  await until(() => expect(typesOf(first.came)).toEqual(['ready']));
  first.stop();
  await server.client.call('cancelRun', { params: { id: run.run_id } });
  const headers = { ...bearer(acme.tokens.read), 'last-event-id': String(first.came.at(-1)?.id) };
  const second = await follow(url, headers);
  await until(() => expect(typesOf(second.came)).toEqual(['ready', 'cancelled', 'run_ended']));
  const third = await follow(url, { ...headers, 'last-event-id': String(second.came.at(-1)?.id) });
  await until(() => expect(typesOf(third.came)).toEqual(['ready']));
});

test.each(['99999999', '0'])(
  'who comes back behind %s, of which the server knows nothing more, is told to look again',
  async (id) => {
    const { server, acme } = await openWorld();
    await acme.submit();
    const all = Array.from({ length: 1000 }, (_, n) => `t${n}`);
    for (let n = 0; id === '0' && n < 5; n += 1) {
      const { run } = await acme.submit({ tests: all });
      await server.client.call('cancelRun', { params: { id: run.run_id } });
      const { run: more } = await acme.submit({ tests: all.map((name) => `${name}x`) });
      await server.client.call('cancelRun', { params: { id: more.run_id } });
    }
    const { came } = await follow(`${server.url}/v1/events`, {
      ...bearer(acme.tokens.read),
      'last-event-id': id,
    });
    await until(() => expect(typesOf(came)).toEqual(['reset']));
  },
);

test('another org sees nothing of it, and cannot ask for its run', async () => {
  const { server, acme } = await openWorld();
  const rival = new World(server, await addOrg(server, 'rival'));
  const { run, jobs } = await acme.submit();
  const { came } = await follow(`${server.url}/v1/events`, bearer(rival.tokens.read));
  await until(() => expect(typesOf(came)).toEqual(['ready']));
  await server.client.call('cancelRun', { params: { id: run.run_id } });
  await rival.submit();
  await until(() => expect(came.length).toBeGreaterThan(1));
  expect(came.slice(1).every(({ data }) => data.org_id === 'rival')).toBe(true);
  for (const query of [`run_id=${run.run_id}`, `job_id=${jobs[0]?.job_id}`])
    expect((await follow(`${server.url}/v1/events?${query}`, bearer(rival.tokens.read))).state.status).toBe(
      404,
    );
});

test('a stream ends with its token, and with the server', async () => {
  const { server, acme } = await openWorld();
  const body = { name: 'ann', org_id: 'acme', scopes: ['read' as const] };
  const { token, token_id: id } = await server.client.call('createToken', { body });
  const revoked = await follow(`${server.url}/v1/events`, bearer(token));
  const visitor = await signIn(server.url, token);
  const page = await follow(`${server.url}/ui/events`, { cookie: visitor.cookie });
  const stays = await follow(`${server.url}/v1/events`, bearer(acme.tokens.read));
  await until(() => expect([revoked, page, stays].map(({ came }) => came.length)).toEqual([1, 1, 1]));
  await server.client.call('deleteToken', { params: { id } });
  await until(() => expect([revoked.state.ended, page.state.ended]).toEqual([true, true]));
  expect(stays.state.ended).toBe(false);
  await server.close();
  await until(() => expect(stays.state.ended).toBe(true));
});

test('a token has at most fifty of them, and those of callers that are gone do not count', async () => {
  const { server, acme } = await openWorld();
  const open = () => follow(`${server.url}/v1/events`, bearer(acme.tokens.read));
  const streams = await Promise.all(Array.from({ length: 50 }, open));
  await until(() => expect(streams.every(({ came }) => came.length === 1)).toBe(true));
  expect((await open()).state.status).toBe(429);
  for (const stream of streams) stream.stop();
  await vi.waitFor(async () => expect((await open()).state.status).toBe(200), {
    timeout: 60_000,
    interval: 50,
  });
});

/** Opens as many streams as a token may have, all at once. */
async function expectRoom(server: TestServer, token: string): Promise<void> {
  const open = () => follow(`${server.url}/v1/events`, bearer(token));
  await vi.waitFor(
    async () => {
      const streams = await Promise.all(Array.from({ length: 50 }, open));
      const statuses = streams.map(({ state }) => state.status);
      if (statuses.some((status) => status !== 200)) for (const stream of streams) stream.stop();
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
    },
    { timeout: 60_000, interval: 200 },
  );
}

test.each(['/v1/events', '/ui/events'])('HEAD %s is answered without a stream', async (path) => {
  const { server, acme } = await openWorld();
  const { cookie } = await signIn(server.url, acme.tokens.read);
  const headers = path.startsWith('/ui') ? { cookie } : bearer(acme.tokens.read);
  for (let n = 0; n < 200; n += 1) {
    const { status, headers: got } = await fetch(`${server.url}${path}`, { method: 'HEAD', headers });
    expect([n, status, got.get('content-type')]).toEqual([n, 200, 'text/event-stream; charset=utf-8']);
  }
  await expectRoom(server, acme.tokens.read);
});

test('callers that are gone before the answer begins leave no stream behind', async () => {
  const { server, acme } = await openWorld();
  const { hostname, port } = new URL(server.url);
  const lines = ['GET /v1/events HTTP/1.1', 'host: a', `authorization: Bearer ${acme.tokens.read}`, '', ''];
  for (let n = 0; n < 200; n += 1) {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    await new Promise<void>((resolve) => socket.write(lines.join('\r\n'), () => resolve()));
    socket.destroy();
  }
  await expectRoom(server, acme.tokens.read);
});

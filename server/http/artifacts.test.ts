import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArtifactLab, digest, type Running, testLimits, until } from '../../test/support/artifact-lab.ts';
import { tempFolder } from '../../test/support/queue.ts';
import {
  newDataDir,
  openServer,
  startTestServer,
  type TestServerOptions,
} from '../../test/support/server.ts';
import { expectRefusal } from '../../test/support/world.ts';

const minute = 60_000;

let folder: string;
let lab: ArtifactLab;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qgjob-artifacts-'));
  lab = await ArtifactLab.open(await openServer(newDataDir(folder), { artifactLimits: testLimits }));
});

afterAll(async () => {
  await lab.server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A server of its own, for tests that would disturb the others. */
const openLab = async ({ artifactLimits, ...options }: TestServerOptions) =>
  ArtifactLab.open(
    await startTestServer({ ...options, artifactLimits: { ...testLimits, ...artifactLimits } }),
  );

describe('an upload', () => {
  test('is listed by its name, and read as it came', async () => {
    const held = await lab.acme.running();
    const name = 'test-results/login works/100% Ü.png';
    const made = await lab.acme.of(held.lease).call('uploadArtifact', {
      params: { ...lab.params(held), name },
      query: { attempt: 1, sha256: digest('not really a picture') },
      body: new Blob(['not really a picture']),
    });
    expect(made).toEqual({
      artifact_id: expect.stringMatching(/^art_[0-9a-f]{32}$/),
      job_id: held.job.job_id,
      attempt: 1,
      name,
      kind: 'screenshot',
      content_type: 'image/png',
      size: 20,
      sha256: digest('not really a picture'),
      url: `${lab.server.url}/v1/artifacts/${made.artifact_id}`,
    });
    expect(await lab.list(held)).toEqual([made]);
    const reader = lab.server.as(lab.acme.tokens.read);
    const bytes = await reader.call('getArtifact', { params: { id: made.artifact_id } });
    expect(new TextDecoder().decode(bytes)).toBe('not really a picture');
    await lab.expectOnly(held, [made.artifact_id]);
  });

  test('goes to the disk as it comes', async () => {
    const held = await lab.acme.running();
    const half = Buffer.alloc(3_000_000, 'ab');
    const call = lab.openUpload(held, 'video.webm', half.length * 2);
    call.write(half);
    await until(() => expect(lab.incoming().map((path) => statSync(path).size)).toEqual([half.length]));
    expect(await lab.list(held)).toEqual([]);
    expect(await call.end(half)).toMatchObject({ status: 200, body: { size: half.length * 2 } });
  });

  test('that is cut leaves nothing', async () => {
    const held = await lab.acme.running();
    const call = lab.openUpload(held, 'video.webm', 100);
    call.write('half');
    await until(() => expect(lab.incoming()).toHaveLength(1));
    call.cut();
    await until(() => expect(lab.incoming()).toEqual([]));
    await lab.expectOnly(held, []);
  });

  test('whose bytes are not those of its digest is refused, and leaves nothing', async () => {
    const held = await lab.acme.running();
    const wrong = [digest('two'), '', 'abc', digest('one').toUpperCase(), `${digest('one')}0`];
    for (const sha256 of wrong) {
      expectRefusal(await lab.upload(held, 'a.txt', 'one', { sha256 }), 400, 'invalid');
    }
    await lab.expectOnly(held, []);
  });

  test('that was cut by the end of the server is gone at the next start', async () => {
    const dataDir = newDataDir(tempFolder());
    const incoming = join(dataDir, 'blobs/artifacts/.incoming');
    mkdirSync(incoming, { recursive: true });
    writeFileSync(join(incoming, 'half'), 'half');
    expect((await openLab({ dataDir })).incoming()).toEqual([]);
  });
});

describe('the same name', () => {
  test('with the same bytes is the same artifact, also when its answer was lost', async () => {
    const held = await lab.acme.running();
    const { json: made } = await lab.upload(held, 'a.txt', 'one', { sha256: digest('one') });
    expect((await lab.upload(held, 'a.txt', 'one', { sha256: digest('one') })).json).toEqual(made);
    expect((await lab.upload(held, 'a.txt', 'one')).json).toEqual(made);
    await lab.expectOnly(held, [made.artifact_id]);
  });

  test.each([{ sha256: digest('two') }, {}])('with other bytes is a conflict: %j', async (more) => {
    const held = await lab.acme.running();
    const { json: made } = await lab.upload(held, 'a.txt', 'one');
    const answer = await lab.upload(held, 'a.txt', 'two', more);
    expectRefusal(answer, 409, 'conflict');
    expect(answer.json.error.details).toEqual({ artifact_id: made.artifact_id, sha256: digest('one') });
    expect((await lab.download(made.artifact_id)).text).toBe('one');
    await lab.expectOnly(held, [made.artifact_id]);
  });

  test('in another attempt is another artifact', async () => {
    const held = await lab.acme.running();
    await lab.upload(held, 'a.txt', 'one');
    const agent = lab.server.as(lab.acme.tokens.agent);
    const report = { attempt: 1, verdict: 'failed' as const, duration_ms: 1 };
    await lab.acme.of(held.lease).call('finishJob', { params: lab.params(held), body: report });
    const lease = await agent.call('takeLease', { body: lab.acme.poll(held.fleet) });
    if (!lease) throw new Error('the job was not tried again');
    const again = { ...held, lease };
    await lab.acme.of(lease).call('startJob', { params: lab.params(again), body: { attempt: 2 } });
    await lab.upload(again, 'a.txt', 'two', { attempt: 2 });
    expect((await lab.list(held)).map((one) => [one.attempt, one.sha256])).toEqual([
      [1, digest('one')],
      [2, digest('two')],
    ]);
  });

  test.each([
    ['the same bytes come to one artifact', 'one', [200, 200]],
    ['other bytes come to one artifact and a conflict', 'two', [200, 409]],
  ])('twice at once: %s', async (_, other, statuses) => {
    const held = await lab.acme.running();
    const calls = ['one', other].map((text) => {
      const call = lab.openUpload(held, 'a.txt', 3);
      call.write(text.slice(0, 1));
      return () => call.end(text.slice(1));
    });
    await until(() => expect(lab.incoming()).toHaveLength(2));
    const answers = await Promise.all(calls.map((end) => end()));
    expect(answers.map(({ status }) => status).sort()).toEqual(statuses);
    const [made] = await lab.list(held);
    const taken = answers.filter(({ status }) => status === 200).map(({ body }) => body);
    expect(taken).toEqual(taken.map(() => made));
    await lab.expectOnly(held, [made?.artifact_id]);
    expect(digest((await lab.download(made?.artifact_id ?? '')).text)).toBe(made?.sha256);
  });
});

describe('a name on the wire', () => {
  test.each([
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2fa',
    '%2fetc%2fpasswd',
    'a%2f..%2fb',
    'a%2f%2fb',
    '..%5c..%5ca',
    'C%3a%5ca',
    'a%00.png',
    'a%0d%0ab',
    'a%1b%5b31m',
    'a%c2%85b',
    'a%e2%80%aeb',
    'nul.txt',
    'a.%20',
    'x'.repeat(256),
  ])('%s is refused, and nothing is stored', async (name) => {
    const held = await lab.acme.running();
    const answer = await lab.openUpload(held, name, 1).end('x');
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid' } } });
    await lab.expectOnly(held, []);
  });

  test.each(['..', '%2e%2e', '../../x', 'a/b', ''])('%s is another path, where nothing is', async (name) => {
    const held = await lab.acme.running();
    expect(await lab.openUpload(held, name, 1).end('x')).toMatchObject({ status: 404 });
  });

  test.each([
    ['%252e%252e%252fetc', '%2e%2e%2fetc'],
    ['100%25.png', '100%.png'],
    ['%E7%99%BB%E5%BD%95.webm', '登录.webm'],
    ['a%2fb.png', 'a/b.png'],
  ])('%s is %s, decoded once', async (wire, name) => {
    const held = await lab.acme.running();
    expect(await lab.openUpload(held, wire, 1).end('x')).toMatchObject({ status: 200, body: { name } });
    await lab.expectOnly(held, [(await lab.list(held))[0]?.artifact_id]);
  });
});

describe('there is a limit', () => {
  test.each([
    ['declared', 11],
    ['not told', undefined],
  ])('to a file whose length is %s', async (_, length) => {
    const small = await openLab({ artifactLimits: { fileBytes: 10 } });
    const held = await small.acme.running();
    const { json } = await small.upload(held, 'fits', '0123456789');
    const answer = await small.openUpload(held, 'a', length).end('01234567890');
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
    await small.expectOnly(held, [json.artifact_id]);
  });

  test('to the bytes and to the number of a job’s files; what is there already is no further one', async () => {
    const small = await openLab({ artifactLimits: { fileBytes: 10, jobBytes: 15, jobFiles: 3 } });
    const held = await small.acme.running();
    expect((await small.upload(held, 'a', '0123456789')).status).toBe(200);
    expectRefusal(await small.upload(held, 'b', '012345'), 413, 'too_large');
    expect((await small.upload(held, 'b', '01234')).status).toBe(200);
    expectRefusal(await small.upload(held, 'c', '0'), 413, 'too_large');
    expect((await small.upload(held, 'c', '')).status).toBe(200);
    expectRefusal(await small.upload(held, 'd', ''), 413, 'too_large');
    expect((await small.upload(held, 'a', '0123456789')).status).toBe(200);
    // Another job has a quota of its own.
    expect((await small.upload(await small.acme.running(), 'a', '0123456789')).status).toBe(200);
  });

  test.each([11, 7])('and %i bytes too many by their declared length are refused unread', async (length) => {
    const small = await openLab({ artifactLimits: { fileBytes: 10, jobBytes: 15 } });
    const held = await small.acme.running();
    await small.upload(held, 'a', '012345678');
    const call = small.openUpload(held, 'b', length);
    expect(await call.answer()).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
    call.cut();
  });

  test('that two uploads at once do not pass together', async () => {
    const small = await openLab({ artifactLimits: { jobBytes: 10 } });
    const held = await small.acme.running();
    const first = small.openUpload(held, 'a', 6);
    first.write('012');
    await until(() => expect(small.incoming()).toHaveLength(1));
    // The first has taken the room: the second is refused before its bytes.
    const second = small.openUpload(held, 'b', 6);
    expect((await second.answer()).status).toBe(413);
    expect(small.incoming()).toHaveLength(1);
    second.cut();
    expect((await first.end('345')).status).toBe(200);
    await small.expectOnly(held, [(await small.list(held))[0]?.artifact_id]);
  });

  test('of the disk: uploads are put off, verdicts and heartbeats go on', async () => {
    const full = await openLab({ artifactLimits: { keepFreeBytes: Number.MAX_SAFE_INTEGER } });
    const held = await full.acme.running();
    const answer = await full.upload(held, 'a', 'one');
    expectRefusal(answer, 503, 'unavailable');
    expect(answer.headers.get('retry-after')).toBe('1');
    const agent = full.server.as(full.acme.tokens.agent);
    const heartbeat = { boot_id: held.fleet.bootId, leases: [held.lease.lease_id] };
    await agent.call('heartbeat', { params: { id: held.fleet.agentId }, body: heartbeat });
    const report = { attempt: 1, verdict: 'error', error_class: 'rejected', duration_ms: 1 } as const;
    const finished = await full.acme
      .of(held.lease)
      .call('finishJob', { params: full.params(held), body: report });
    expect(finished).toMatchObject({ status: 'errored' });
  });

  test('and that a caller that sends far too much gets the refusal', async () => {
    const small = await openLab({ artifactLimits: { fileBytes: 10 } });
    const held = await small.acme.running();
    const call = small.acme.of(held.lease).call('uploadArtifact', {
      params: { ...small.params(held), name: 'a' },
      query: { attempt: 1 },
      body: new Blob([Buffer.alloc(80_000_000)]),
    });
    await expect(call).rejects.toMatchObject({ code: 'too_large' });
  });
});

test('an upload that the fence keeps out is refused unread, and what is there already answered so', async () => {
  const [held, other] = [await lab.acme.running(), await lab.acme.running()];
  const late = lab.openUpload({ ...held, lease: other.lease }, 'a', 1000);
  expect(await late.answer()).toMatchObject({ status: 409 });
  late.cut();
  const { json: made } = await lab.upload(held, 'a', 'one');
  const again = lab.openUpload(held, 'a', 3, undefined, digest('one'));
  expect(await again.answer()).toEqual({ status: 200, body: made });
  again.cut();
});

describe('the fence', () => {
  const report = { attempt: 1, verdict: 'failed' as const, duration_ms: 1 };

  async function openClocked() {
    const clock = { now: Date.UTC(2026, 0, 1) };
    const clocked = await openLab({ now: () => clock.now });
    const held = await clocked.acme.running();
    const agent = clocked.server.as(clocked.acme.tokens.agent);
    return { clock, clocked, held, agent };
  }

  test('is open for 10 minutes after the end of the attempt', async () => {
    const { clock, clocked, held } = await openClocked();
    await clocked.acme.of(held.lease).call('finishJob', { params: clocked.params(held), body: report });
    clock.now += 10 * minute;
    const { status, json } = await clocked.upload(held, 'a', 'one');
    expect(status).toBe(200);
    clock.now += 1;
    expectRefusal(await clocked.upload(held, 'b', 'one'), 409, 'lease_lost');
    await clocked.expectOnly(held, [json.artifact_id]);
  });

  test('is open for as long when the server ended the attempt', async () => {
    const { clock, clocked, held, agent } = await openClocked();
    const anew = { name: held.fleet.name, boot_id: 'boot-of-the-next', version: '2', devices: [] };
    await agent.call('registerAgent', { body: anew });
    const late = { token: held.lease.token, params: clocked.params(held), body: report };
    expectRefusal(await clocked.server.ask('finishJob', late), 409, 'lease_lost');
    expect((await clocked.upload(held, 'last-words.log', 'one')).status).toBe(200);
    clock.now += 10 * minute + 1;
    expectRefusal(await clocked.upload(held, 'b', 'one'), 409, 'lease_lost');
  });

  test('keeps out another lease, another attempt and another job', async () => {
    const [held, other] = [await lab.acme.running(), await lab.acme.running()];
    const noJob: Running = { ...held, job: { ...held.job, job_id: 'job_1' } };
    expectRefusal(await lab.upload({ ...held, lease: other.lease }, 'a', 'one'), 409, 'lease_lost');
    expectRefusal(await lab.upload(held, 'a', 'one', { attempt: 2 }), 404, 'not_found');
    expectRefusal(await lab.upload(noJob, 'a', 'one'), 404, 'not_found');
    await lab.expectOnly(held, []);
  });
});

test('the artifacts of a job come page by page, in the order in which they came', async () => {
  const held = await lab.acme.running();
  for (const name of ['c', 'a', 'b']) await lab.upload(held, name, name);
  const params = { id: held.job.job_id };
  const reader = lab.server.as(lab.acme.tokens.read);
  const page = (query: Record<string, string>) => reader.call('listArtifacts', { params, query });
  const first = await page({ limit: '2' });
  const second = await page({ limit: '2', cursor: first.next_cursor ?? '' });
  const names = [first, second].map(({ artifacts }) => artifacts.map((one) => one.name));
  expect(names).toEqual([['c', 'a'], ['b']]);
  expect(second.next_cursor).toBeNull();
  const odd = await lab.server.ask('listArtifacts', { params, query: { cursor: 'c' } });
  expectRefusal(odd, 400, 'invalid');
});

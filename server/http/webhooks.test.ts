import { Webhook as Verifier } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { WebhookMessage } from '../../protocol/shapes/webhook.ts';
import { startReceiver } from '../../test/support/receiver.ts';
import { addOrg, dumpDatabase, startTestServer } from '../../test/support/server.ts';
import { expectRefusal, World } from '../../test/support/world.ts';

const events = ['run.finished' as const];
const nothing = { text: '', headers: {} as Record<string, string> };
const allowAll = { flags: { webhook_allow: '127.0.0.1' } };

/** Whether it is the signature of Standard Webhooks; its `verify` knows no clock but the machine's. */
function isSignedBy(secret: string, text: string, headers: Record<string, string>): boolean {
  const sent = new Date(Number(headers['webhook-timestamp']) * 1000);
  const signature = new Verifier(secret).sign(headers['webhook-id'] ?? '', sent, text);
  return headers['webhook-signature']?.split(' ').includes(signature) ?? false;
}

async function openWorld(options = {}) {
  const server = await startTestServer(options);
  return new World(server, await addOrg(server, 'acme'));
}

test('an event arrives signed by the secret that was shown, as Standard Webhooks verifies it', async () => {
  const acme = await openWorld(allowAll);
  const receiver = await startReceiver();
  const admin = acme.server.as(acme.tokens.admin);
  const { secret, ...made } = await admin.call('createWebhook', { body: { url: receiver.url, events } });
  expect(made).toMatchObject({ org_id: 'acme', url: receiver.url, events, status: 'active', dropped: 0 });
  const job = await acme.finished();
  await receiver.has(1);
  const [{ text, headers } = nothing] = receiver.received;
  const verified = new Verifier(secret).verify(text, headers);
  expect(WebhookMessage.parse(verified)).toEqual(verified);
  const run = await admin.call('getRun', { params: { id: job.run_id } });
  const { jobs: _, ...told } = run;
  expect(verified).toEqual({ type: 'run.finished', timestamp: run.finished_at, data: { run: told } });
  expect(headers['content-type']).toBe('application/json');
  const other = `whsec_${Buffer.alloc(32).toString('base64')}`;
  expect(() => new Verifier(other).verify(text, headers)).toThrow();
});

test('after a rotation the old secret signs beside the new one until the overlap ends, however often it is repeated', async () => {
  let now = Date.now();
  const acme = await openWorld({ ...allowAll, now: () => now });
  const receiver = await startReceiver();
  const admin = acme.server.as(acme.tokens.admin);
  const first = await admin.call('createWebhook', { body: { url: receiver.url, events } });
  expect(first.old_secret_until).toBeNull();
  const rotate = (body = {}) => admin.call('rotateWebhook', { params: { id: first.webhook_id }, body });
  /** The secrets by which the next event is signed, of these. */
  const signers = async (...secrets: string[]): Promise<string[]> => {
    const sent = receiver.received.length;
    await acme.finished();
    await receiver.has(sent + 1);
    const { text, headers } = receiver.received[sent] ?? nothing;
    expect(headers['webhook-signature']?.split(' ').length).toBeLessThan(5);
    return secrets.filter((secret) => isSignedBy(secret, text, headers));
  };
  const second = await rotate();
  expect(second.old_secret_until).toBe(new Date(now + 24 * 3_600_000).toISOString());
  // As if the answer was lost. What the first rotation promised to the first secret stays.
  const third = await rotate({ overlap_minutes: 60 });
  expect(third.old_secret_until).toBe(second.old_secret_until);
  const secrets = [first.secret, second.secret, third.secret];
  expect(new Set(secrets).size).toBe(3);
  expect(await signers(...secrets)).toEqual(secrets);
  now += 3_600_000;
  expect(await signers(...secrets)).toEqual([first.secret, third.secret]);
  now += 23 * 3_600_000;
  expect(await signers(...secrets)).toEqual([third.secret]);
  expect((await admin.call('listWebhooks')).webhooks).toMatchObject([{ old_secret_until: null }]);
  const fourth = await rotate();
  expect(await signers(...secrets, fourth.secret)).toEqual([third.secret, fourth.secret]);
  for (let n = 0; n < 5; n += 1) await rotate();
  // Nobody may have seen those between: the receiver has the third one still.
  expect(await signers(...secrets, fourth.secret)).toEqual([third.secret]);
  const last = await rotate({ overlap_minutes: 0 });
  expect(last.old_secret_until).toBeNull();
  expect(await signers(last.secret, first.secret)).toEqual([last.secret]);
});

test('the secret is the same after a restart, and stands neither in the database nor in the log', async () => {
  const first = await openWorld(allowAll);
  const receiver = await startReceiver();
  const admin = first.server.as(first.tokens.admin);
  const { secret } = await admin.call('createWebhook', {
    body: { url: `${receiver.url}?key=hidden`, events },
  });
  await first.server.close();
  const server = await startTestServer({ ...allowAll, dataDir: first.server.dataDir });
  await new World(server, first.tokens).finished();
  await receiver.has(1);
  const [{ text, headers } = nothing] = receiver.received;
  new Verifier(secret).verify(text, headers);
  const bare = secret.slice('whsec_'.length);
  const dump = JSON.stringify(dumpDatabase(server.dataDir));
  expect(dump).toContain(receiver.url);
  expect(dump).not.toContain(bare);
  expect(dump).not.toContain(Buffer.from(bare, 'base64').toString('hex'));
  expect([...first.server.log, ...server.log].join('')).not.toMatch(/key=hidden|whsec_/);
});

test('webhooks are listed without their secrets, by pages, and deleted; those of another org are not there', async () => {
  const acme = await openWorld();
  const rival = await addOrg(acme.server, 'rival');
  const admin = acme.server.as(acme.tokens.admin);
  const urls = [1, 2, 3].map((n) => `https://ci.example.com/${n}`);
  for (const url of urls) await admin.call('createWebhook', { body: { url, events } });
  const first = await admin.call('listWebhooks', { query: { limit: 2 } });
  const cursor = first.next_cursor ?? '';
  const second = await admin.call('listWebhooks', { query: { limit: 2, cursor } });
  expect([...first.webhooks, ...second.webhooks].map(({ url }) => url)).toEqual(urls);
  expect(second.next_cursor).toBeNull();
  expect(JSON.stringify(first)).not.toContain('whsec_');
  expect((await acme.server.as(rival.admin).call('listWebhooks')).webhooks).toEqual([]);
  const params = { id: first.webhooks[0]?.webhook_id ?? '' };
  expectRefusal(await acme.server.ask('deleteWebhook', { token: rival.admin, params }), 404, 'not_found');
  await admin.call('deleteWebhook', { params });
  expectRefusal(await acme.server.ask('deleteWebhook', { params }), 404, 'not_found');
  expect((await admin.call('listWebhooks')).webhooks).toHaveLength(2);
});

test.each([
  [{ url: 'http://127.0.0.1:8081/', events }, 'private network'],
  [{ url: 'https://[::1]/', events }, 'private network'],
  [{ url: 'http://ci.example.com/', events }, 'plain http'],
  [{ url: 'ci.example.com', events }, 'address like https'],
  [{ url: 'https://ci.example.com/', events: [] }, 'at least one event'],
  [{ url: 'https://ci.example.com/', events: ['run.started'] }, 'events'],
  [{ url: 'https://ci.example.com/', events, secret: 'mine' }, 'unknown: "secret"'],
])('%j is refused', async (body, says) => {
  const acme = await openWorld();
  const answer = await acme.server.ask('createWebhook', { token: acme.tokens.admin, body });
  expectRefusal(answer, 400, 'invalid');
  expect(answer.json.error.message).toContain(says);
});

test('the operator names the org, which must be there, and an org has no more than its number', async () => {
  const { server } = await openWorld();
  const body = { url: 'https://ci.example.com/', events };
  expectRefusal(await server.ask('createWebhook', { body }), 400, 'invalid');
  expectRefusal(await server.ask('createWebhook', { body: { ...body, org_id: 'none' } }), 404, 'not_found');
  const ask = () => server.ask('createWebhook', { body: { ...body, org_id: 'acme' } });
  for (let n = 0; n < 20; n += 1) expect((await ask()).status).toBe(201);
  expectRefusal(await ask(), 409, 'conflict');
});

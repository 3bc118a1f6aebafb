import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../test/support/queue.ts';
import {
  addOrg,
  dumpDatabase,
  fetchRaw,
  newDataDir,
  openServer,
  startTestServer,
} from '../test/support/server.ts';
import { World } from '../test/support/world.ts';

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

test('server.json says where the server is, for as long as it runs', async () => {
  const server = await startTestServer();
  const file = join(server.dataDir, 'server.json');
  const { url, pid, version } = JSON.parse(read(file));
  expect({ url, pid }).toEqual({ url: server.url, pid: process.pid });
  expect(await server.client.call('health')).toEqual({ status: 'ok', version });
  await server.close();
  expect(existsSync(file)).toBe(false);
});

test('a stop leaves the server.json of another server alone', async () => {
  const server = await startTestServer();
  const file = join(server.dataDir, 'server.json');
  writeFileSync(file, '{"url":"http://127.0.0.1:1"}');
  await server.close();
  expect(read(file)).toBe('{"url":"http://127.0.0.1:1"}');
});

test('the first start alone makes the operator token, for its owner to read', async () => {
  const dataDir = newDataDir(tempFolder());
  writeFileSync(join(dataDir, 'admin.token'), 'of another database', { mode: 0o644 });
  const first = await startTestServer({ dataDir });
  const token = read(dataDir, 'admin.token').trim();
  expect(token).toBe(first.adminToken);
  expect(statSync(join(dataDir, 'admin.token')).mode & 0o777).toBe(0o600);
  expect(await first.client.call('listOrgs')).toEqual({ orgs: [], next_cursor: null });
  await first.close();

  const second = await startTestServer({ dataDir });
  expect(read(dataDir, 'admin.token').trim()).toBe(token);
  expect(await second.client.call('listOrgs')).toEqual({ orgs: [], next_cursor: null });
});

test('what was submitted is there after a restart', async () => {
  const first = await startTestServer();
  const acme = new World(first, await addOrg(first, 'acme'));
  const { run, jobs } = await acme.submit({ tests: ['a', 'b'] });
  await first.close();
  const second = await startTestServer({ dataDir: first.dataDir });
  const { jobs: after } = await second.client.call('getRun', { params: { id: run.run_id } });
  expect(after).toEqual(jobs);
});

test('a second server on the same database is refused, and the first goes on', async () => {
  const first = await startTestServer();
  await expect(openServer(first.dataDir)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(`a server with pid ${process.pid} already runs on ${first.dataDir}`),
  });
  expect(await first.client.call('healthReady')).toMatchObject({ status: 'ok' });
});

test('a start that finds its port taken gives the database back', async () => {
  const other = await startTestServer();
  const dataDir = newDataDir(tempFolder());
  const port = new URL(other.url).port;
  await expect(openServer(dataDir, { flags: { port } })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(`cannot listen on 127.0.0.1:${port}: the port is in use`),
  });
  expect(existsSync(join(dataDir, 'server.json'))).toBe(false);
  await startTestServer({ dataDir });
});

test('a data folder that is none is refused with its name', async () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  await expect(openServer(file)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(`cannot use ${file}`),
  });
});

test('a file that is no database is refused with its name', async () => {
  const dataDir = newDataDir(tempFolder());
  writeFileSync(
    join(dataDir, 'qgjob.db'),
    'This is a diary and no database, for a hundred pages.'.repeat(100),
  );
  await expect(openServer(dataDir)).rejects.toMatchObject({
    message: expect.stringContaining(join(dataDir, 'qgjob.db')),
  });
});

test('neither the log nor the database holds a token', async () => {
  const server = await startTestServer();
  const tokens = await addOrg(server, 'acme');
  const acme = new World(server, tokens);
  const { run_id: id } = await acme.finished();
  await server.ask('getRun', { token: tokens.read, params: { id } });
  await server.ask('getRun', { token: tokens.agent, params: { id } });
  await server.ask('getRun', { token: `${tokens.read}x`, params: { id } });
  await server.ask('createToken', { token: tokens.admin, body: { name: 'x', scopes: ['read'], oops: 1 } });
  await server.ask('submitRun', { token: tokens.submit, body: `{"token":"${tokens.submit}"` });

  const log = server.log.join('');
  const dump = JSON.stringify(dumpDatabase(server.dataDir));
  expect(log).toContain('"status":403');
  expect(dump).toContain('a.spec.ts');
  const secrets = [server.adminToken, ...Object.values(tokens)].map((token) =>
    token.split('_')[3]?.slice(0, 64),
  );
  for (const secret of secrets) {
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(log).not.toContain(secret);
    expect(dump).not.toContain(secret);
  }
  await server.close();
  expect(read(server.dataDir, 'qgjob.db')).not.toContain(secrets[0]);
});

test('each answered call is in the log once, with its id, its org and how it ended', async () => {
  const server = await startTestServer();
  const acme = await addOrg(server, 'acme');
  const ids = ['ok', 'refused', 'unknown'].map((name) => `the-${name}-one`);
  await server.ask('listJobs', { token: acme.read, headers: { 'x-request-id': 'the-ok-one' } });
  await server.ask('listOrgs', { token: acme.read, headers: { 'x-request-id': 'the-refused-one' } });
  await server.ask('listJobs', { token: null, headers: { 'x-request-id': 'the-unknown-one' } });
  const lines = server.log.map((line) => JSON.parse(line)).filter((line) => ids.includes(line.request_id));
  expect(lines).toMatchObject([
    { request_id: 'the-ok-one', method: 'GET', path: '/v1/jobs', status: 200, org_id: 'acme', level: 20 },
    { request_id: 'the-refused-one', path: '/v1/orgs', status: 403, org_id: 'acme', level: 40 },
    { request_id: 'the-unknown-one', status: 401, level: 40 },
  ]);
});

test('the front page is the health for programs and something to read for people', async () => {
  const server = await startTestServer();
  const page = (accept: string) => fetchRaw(`${server.url}/`, 'GET', { headers: { accept } });
  for (const accept of ['*/*', 'application/json', 'text/plain']) {
    expect(await page(accept)).toMatchObject({ status: 200, json: { status: 'ok' } });
  }
  const browser = await page('text/html,application/xhtml+xml,*/*;q=0.8');
  expect(browser.status).toBe(303);
  expect(browser.headers.get('location')).toBe('/ui/sign-in');
  expect(browser.headers.get('vary')).toBe('accept');
  const docs = await fetchRaw(`${server.url}/docs`, 'GET', {});
  expect(docs).toMatchObject({ status: 200, text: expect.stringContaining('/v1/runs/:id/cancel') });
});

test('pages of the allowed origins may call, and of no other', async () => {
  const server = await startTestServer({ flags: { allowed_origins: 'https://ci.example' } });
  const allowed = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const preflight = await fetchRaw(`${server.url}/v1/runs`, 'OPTIONS', { headers });
    const call = await fetchRaw(`${server.url}/health`, 'GET', { headers: { origin } });
    return [preflight, call].map((answer) => answer.headers.get('access-control-allow-origin'));
  };
  expect(await allowed('https://ci.example')).toEqual(['https://ci.example', 'https://ci.example']);
  expect(await allowed('https://evil.example')).toEqual([null, null]);
});

test('the health says what the loops did last', async () => {
  const server = await startTestServer();
  const { database, loops } = await server.client.call('healthDetailed');
  expect(database).toEqual({ status: 'ok' });
  expect(Object.keys(loops)).toEqual([
    'ticker',
    'reasker',
    'rescuer',
    'watcher',
    'figures',
    'ledger',
    'pruner',
    'audit',
    'quarantines',
    'outbox',
    'tokens',
  ]);
});

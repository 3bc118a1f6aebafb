import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { addOrg, startTestServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/web.ts';
import { World } from '../support/world.ts';

let server: TestServer;
let acme: World;

beforeEach(async () => {
  server = await startTestServer();
  acme = new World(server, await addOrg(server, 'acme'));
});

const times = 20;

const lines = async (): Promise<string[]> =>
  (await server.client.call('listAudit', { query: { org_id: 'acme', limit: 500 } })).entries.map(
    ({ action }) => action,
  );

/** The lines that many calls have made, each of which is answered as good. */
async function linesOf(call: () => Promise<{ readonly status: number }>): Promise<string[]> {
  const before = (await lines()).length;
  for (let n = 0; n < times; n += 1) expect((await call()).status).toBeLessThan(400);
  return (await lines()).slice(0, -before || undefined);
}

const ask = (name: 'cancelRun' | 'cancelJob' | 'deleteJob', id: string) =>
  server.ask(name, { token: acme.tokens.submit, params: { id } });

test('a run and a job that have ended, or are cancelled already, are cancelled without a line', async () => {
  const { job_id: job, run_id: run } = await acme.finished();
  expect(await linesOf(() => ask('cancelRun', run))).toEqual([]);
  expect(await linesOf(() => ask('cancelJob', job))).toEqual([]);
  expect(await linesOf(() => ask('deleteJob', job))).toEqual([]);
  const { job: running } = await acme.running();
  expect(await linesOf(() => ask('cancelRun', running.run_id))).toEqual(['run.cancelled']);
  const { run: waiting } = await acme.submit({ tests: ['a.spec.ts', 'b.spec.ts'] });
  expect(await linesOf(() => ask('cancelRun', waiting.run_id))).toEqual(['run.cancelled']);
});

test('the buttons of the dashboard do the same', async () => {
  const visitor = await signIn(server.url, acme.tokens.submit);
  const { run, jobs } = await acme.submit({ tests: ['a.spec.ts', 'b.spec.ts'] });
  const press = (path: string) => linesOf(() => visitor.post(path, {}));
  expect(await press(`/ui/jobs/${jobs[0]?.job_id}/cancel`)).toEqual(['job.cancelled']);
  expect(await press(`/ui/runs/${run.run_id}/cancel`)).toEqual(['run.cancelled']);
});

test('a bundle, an app and its build that are there come again without a line', async () => {
  const bytes = new TextEncoder().encode('the same again');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const token = acme.tokens.submit;
  const upload = (name: 'uploadBundle' | 'uploadAppFile', params: Record<string, string>) => () =>
    server.ask(name, { token, params, body: bytes });
  const complete = (name: 'completeBundleUpload' | 'completeAppUpload', input: object) => () =>
    server.ask(name, { token, ...input });
  const size = bytes.length;
  const register = (body: object) => () =>
    server.ask('registerAppVersion', {
      token,
      params: { id: 'app-1' },
      body: { platform: 'android', ...body },
    });

  expect(await linesOf(upload('uploadBundle', { sha256 }))).toEqual(['bundle.uploaded']);
  expect(await linesOf(register({}))).toEqual(['app.registered']);
  expect(await linesOf(register({ package_name: 'com.example' }))).toEqual(['app.registered']);
  expect(await linesOf(register({}))).toEqual([]);
  expect(await linesOf(upload('uploadAppFile', { id: 'app-1' }))).toEqual(['app.uploaded']);
  expect(
    await linesOf(complete('completeAppUpload', { params: { id: 'app-1' }, body: { size, sha256 } })),
  ).toEqual([]);
  expect(await linesOf(complete('completeBundleUpload', { params: { sha256 }, body: { size } }))).toEqual([]);
  // Where a restored backup has the rows and not the bytes, they come again: that is a change.
  for (const kind of ['bundles', 'apps']) rmSync(join(server.dataDir, 'blobs', kind), { recursive: true });
  expect(await linesOf(upload('uploadBundle', { sha256 }))).toEqual(['bundle.uploaded']);
  expect(await linesOf(upload('uploadAppFile', { id: 'app-1' }))).toEqual(['app.uploaded']);
});

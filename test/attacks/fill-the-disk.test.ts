import { expect, test } from 'vitest';
import { digest } from '../support/artifact-lab.ts';
import { addOrg, startTestServer } from '../support/server.ts';
import { expectRefusal, World } from '../support/world.ts';

test('while the disk is nearly full new runs and uploads are put off, and what is under way ends', async () => {
  const first = await startTestServer();
  const tokens = await addOrg(first, 'acme');
  const held = await new World(first, tokens).running();
  const body = { app_version_id: 'v1', tests: ['a.spec.ts'] };
  const headers = { 'idempotency-key': 'the-first-one' };
  const before = await first.ask('submitRun', { token: tokens.submit, body, headers });
  expect(before.status).toBe(201);
  await first.close();
  // No disk has so much.
  const full = await startTestServer({
    ...{ dataDir: first.dataDir, flags: { min_free_bytes: '499999999999999' } },
  });
  const refused = await full.ask('submitRun', { token: tokens.submit, body });
  expectRefusal(refused, 503, 'unavailable');
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.json.error.message).toContain('the disk of the database is nearly full');
  const upload = { token: tokens.submit, params: { sha256: digest('bundle') }, body: 'bundle' };
  expectRefusal(await full.ask('uploadBundle', upload), 503, 'unavailable');
  // A submit whose answer was lost gets it: its run is there.
  const again = await full.ask('submitRun', { token: tokens.submit, body, headers });
  expect(again.json.run.run_id).toBe(before.json.run.run_id);
  // A retry is a new run.
  const params = { id: before.json.run.run_id };
  await full.as(tokens.submit).call('cancelRun', { params });
  expectRefusal(await full.ask('retryRun', { token: tokens.submit, params, body: {} }), 503, 'unavailable');
  const world = new World(full, tokens);
  const heartbeat = { boot_id: held.fleet.bootId, leases: [held.lease.lease_id] };
  await full.as(tokens.agent).call('heartbeat', { params: { id: held.fleet.agentId }, body: heartbeat });
  const ended = await world.of(held.lease).call('finishJob', {
    params: { id: held.lease.lease_id, job_id: held.job.job_id },
    body: { attempt: 1, verdict: 'error', error_class: 'rejected', duration_ms: 1 },
  });
  expect(ended).toMatchObject({ status: 'errored' });
  await full.as(tokens.submit).call('healthReady');
  await full.close();
  const roomy = await startTestServer({ dataDir: first.dataDir });
  expect((await roomy.ask('submitRun', { token: tokens.submit, body })).status).toBe(201);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Lease } from '../../../../protocol/shapes/agent.ts';
import { ListPeer } from './list-peer.ts';
import { createPeerApp } from './peer-app.ts';
import { makePeerTokens } from './peer-tokens.ts';

/** An app on a queue in memory, and calls with its token. */
function openApp(peer = new ListPeer()) {
  const dir = mkdtempSync(join(tmpdir(), 'qgjob-peer-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const { token, authenticator } = makePeerTokens(dir);
  const app = createPeerApp(peer, authenticator);
  const call = (path: string, body: unknown, bearer = token): Response | Promise<Response> =>
    app.request(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: JSON.stringify(body),
    });
  const lease = (waitMs: number) => call('/v1/leases', leaseBody(waitMs));
  return { peer, call, lease };
}

const leaseBody = (waitMs: number) => ({
  lease_id: crypto.randomUUID(),
  boot_id: 'boot-of-the-test',
  device_id: 'one',
  wait_ms: waitMs,
});

const job = { app_version_id: 'v1.0.0', test_path: 'tests/a.spec.ts', target: 'emulator' };
const passed = (id: string) => ({ job_id: id, attempt: 1, verdict: 'passed', duration_ms: 5 });

test('a bulk of jobs is leased in sixteens, each job once, and finished in the queue', async () => {
  const { peer, call, lease } = openApp();
  const tests = Array.from({ length: 20 }, (_, n) => `tests/${n}.spec.ts`);
  const submitted = await call('/v1/runs', { app_version_id: 'v1.0.0', target: 'emulator', tests });
  expect(submitted.status).toBe(201);
  const sizes: number[] = [];
  for (const _ of [1, 2]) {
    const { jobs, lease_id } = (await (await lease(0)).json()) as Lease;
    sizes.push(jobs.length);
    const verdicts = { jobs: jobs.map(({ job_id }) => passed(job_id)) };
    const finished = await call(`/v1/leases/${lease_id}/finish`, verdicts);
    expect(await finished.json()).toEqual({
      jobs: jobs.map(({ job_id }) => ({ job_id, status: 'passed', error: null })),
    });
  }
  expect(sizes).toEqual([16, 4]);
  expect(new Set(peer.finished).size).toBe(20);
  expect(peer.countLeft()).toBe(0);
});

test('a lease that waits gets the job of the next submit', async () => {
  const { call, lease } = openApp();
  const waiting = lease(20_000);
  const submitted = (await (await call('/v1/jobs', job)).json()) as { job_id: string };
  const leased = (await (await waiting).json()) as Lease;
  expect(leased.jobs).toMatchObject([
    { job_id: submitted.job_id, test_path: job.test_path, next_attempt: 1 },
  ]);
});

test('a device whose answer was lost is told of its lease, and fetches it', async () => {
  const { peer, call, lease } = openApp();
  await call('/v1/jobs', job);
  await call('/v1/jobs', job);
  const lost = (await (await lease(0)).json()) as Lease;
  await call('/v1/jobs', job);
  const refused = await lease(0);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ error: { details: { lease_id: lost.lease_id } } });
  const again = await call('/v1/leases', { ...leaseBody(0), lease_id: lost.lease_id });
  expect(((await again.json()) as Lease).jobs.map(({ job_id }) => job_id)).toEqual(
    lost.jobs.map(({ job_id }) => job_id),
  );
  expect(peer.queued).toHaveLength(1);
});

test('a lease that found nothing in its time is empty', async () => {
  const { lease } = openApp();
  expect((await lease(1)).status).toBe(204);
});

test('a call with another token, or with a body of another shape, is refused', async () => {
  const { call } = openApp();
  expect((await call('/v1/jobs', job, 'qgj_agt_nobody')).status).toBe(401);
  expect((await call('/v1/jobs', { ...job, app_version_id: 5 })).status).toBe(400);
});

test('a verdict about a job that the lease has not, or no longer has, is not taken', async () => {
  const { peer, call, lease } = openApp();
  await call('/v1/jobs', job);
  const leased = (await (await lease(0)).json()) as Lease;
  const id = leased.jobs[0]?.job_id ?? '';
  const path = `/v1/leases/${leased.lease_id}/finish`;
  await call(path, { jobs: [passed(id)] });
  for (const other of [id, 'nobody']) {
    const again = await call(path, { jobs: [passed(other)] });
    expect(await again.json()).toMatchObject({ jobs: [{ job_id: other, status: null }] });
  }
  expect(peer.finished).toEqual([id]);
});

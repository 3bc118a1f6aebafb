import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { QgjobError } from '../../../../protocol/errors.ts';
import type { FinishJobs, TakeLease } from '../../../../protocol/shapes/agent.ts';
import type { SubmitJob, SubmitRun } from '../../../../protocol/shapes/run.ts';
import type { Authenticator } from '../../../../server/auth/authenticate.ts';
import { errorAnswer } from '../../../../server/calls/error-answer.ts';
import { readInput } from '../../../../server/http/read-call.ts';
import { jobAnswer } from '../../job-answer.ts';
import type { HttpPayload, HttpPeer, TakenJob } from './http-peer.ts';
import { PeerLeases } from './peer-leases.ts';

/**
 * Another queue behind the calls of ours that the bench uses: the same Hono, body reading and shapes, and a token
 * checked as ours is. It stores no keys of submits, and a lease lives in the memory of this process.
 */
export function createPeerApp(peer: HttpPeer, authenticator: Authenticator): Hono {
  const app = new Hono();
  const deps: Deps = { peer, leases: new PeerLeases(peer), held: new Map() };
  const route = (answer: (deps: Deps, c: Context) => Promise<Response>) => async (c: Context) => {
    await authenticator.authenticate(c.req.header('authorization'), '');
    return answer(deps, c);
  };
  app.onError((error, c) => {
    const { status, body } = errorAnswer(error, randomUUID());
    return c.json(body, status as 500);
  });
  app.post('/v1/jobs', route(submitJob));
  app.post('/v1/runs', route(submitRun));
  app.post('/v1/leases', route(takeLease));
  app.post('/v1/leases/:id/finish', route(finishJobs));
  // For the bench alone: what is left in the store, and an empty store.
  app.get(
    '/left',
    route(async (_, c) => c.json({ left: await peer.countLeft() })),
  );
  app.post(
    '/empty',
    route(async (_, c) => {
      await peer.empty();
      return c.body(null, 204);
    }),
  );
  return app;
}

interface Deps {
  readonly peer: HttpPeer;
  readonly leases: PeerLeases;
  /** The leases with unfinished jobs, by their ids. */
  readonly held: Map<string, HeldLease>;
}

interface HeldLease {
  readonly deviceId: string;
  readonly jobs: Map<string, TakenJob>;
}

async function submitJob({ peer, leases }: Deps, c: Context): Promise<Response> {
  const body = (await readInput(c, 'submitJob')).body as SubmitJob;
  const id = await peer.add(payloadOf(body, body.test_path));
  leases.wake(1);
  return c.json(jobAnswer(body, id), 201);
}

async function submitRun({ peer, leases }: Deps, c: Context): Promise<Response> {
  const body = (await readInput(c, 'submitRun')).body as SubmitRun;
  const payloads = body.tests.map((path) => payloadOf(body, path));
  const ids = await peer.addAll(payloads);
  leases.wake(payloads.length);
  return c.json({ jobs: payloads.map((payload, n) => jobAnswer(payload, ids[n] ?? n)) }, 201);
}

/**
 * As with us, a device whose last poll got a lease, and whose connection was closed before the answer, is told of that
 * lease and fetches it by its id. Errors: `conflict`.
 */
async function takeLease({ leases, held }: Deps, c: Context): Promise<Response> {
  const { lease_id, device_id, wait_ms } = (await readInput(c, 'takeLease')).body as TakeLease;
  const again = held.get(lease_id);
  if (again) return c.json(leaseAnswer(lease_id, tokenOf(c), [...again.jobs.values()]), 201);
  for (const [own, { deviceId }] of held) {
    if (deviceId !== device_id) continue;
    throw new QgjobError('conflict', 'the device has a lease', { details: { lease_id: own } });
  }
  const taken = await leases.take(wait_ms ?? 0, c.req.raw.signal);
  if (taken.length === 0) return c.body(null, 204);
  held.set(lease_id, { deviceId: device_id, jobs: new Map(taken.map((job) => [job.id, job])) });
  return c.json(leaseAnswer(lease_id, tokenOf(c), taken), 201);
}

async function finishJobs({ peer, held }: Deps, c: Context): Promise<Response> {
  const { jobs } = (await readInput(c, 'finishJobs')).body as FinishJobs;
  if (jobs.some(({ verdict }) => verdict !== 'passed')) {
    throw new QgjobError('invalid', 'verdict: tests of the bench pass');
  }
  const leaseId = c.req.param('id') ?? '';
  const open = held.get(leaseId)?.jobs;
  const done = jobs.flatMap((job) => open?.get(job.job_id) ?? []);
  await peer.finish(done);
  for (const { id } of done) open?.delete(id);
  if (open?.size === 0) held.delete(leaseId);
  const ids = new Set(done.map(({ id }) => id));
  return c.json({ jobs: jobs.map(({ job_id }) => finishAnswer(job_id, ids)) });
}

const payloadOf = (
  { app_version_id, target }: { app_version_id: string; target?: string | undefined },
  test_path: string,
): HttpPayload => ({ app_version_id, test_path, target: target ?? 'emulator' });

/** The token of the call goes on to be that of the lease, which has none of its own. */
const tokenOf = (c: Context): string => (c.req.header('authorization') ?? '').slice('Bearer '.length);

/** As long as an answer of ours: a Lease with every key. */
const leaseAnswer = (leaseId: string, token: string, taken: readonly TakenJob[]) => ({
  lease_id: leaseId,
  token,
  org_id: 'bench',
  app_version_id: taken[0]?.payload.app_version_id,
  target: taken[0]?.payload.target,
  framework: null,
  install: false,
  expires_at: new Date(Date.now() + 60_000).toISOString(),
  jobs: taken.map(({ id, payload }) => ({
    ...jobAnswer(payload, id),
    status: 'leased',
    lease_id: leaseId,
    next_attempt: 1,
    timeout_ms: 900_000,
  })),
});

const finishAnswer = (jobId: string, done: ReadonlySet<string>) =>
  done.has(jobId)
    ? { job_id: jobId, status: 'passed', error: null }
    : { job_id: jobId, status: null, error: { code: 'not_found', message: 'not a job of this lease' } };

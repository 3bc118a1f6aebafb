import type { Lease } from '../../protocol/shapes/agent.ts';
import { checkUpload } from '../../server/queue/attempts/check-upload.ts';
import { startAttempt } from '../../server/queue/attempts/start-attempt.ts';
import { settleBorrows } from '../../server/queue/borrows/index.ts';
import { placeHunts } from '../../server/queue/dispatch/plan-hunts.ts';
import { expireQueued, queueDue } from '../../server/queue/dispatch/tick.ts';
import { releaseLease } from '../../server/queue/leases/release-lease.ts';
import { rescueExpired, rescueOverdue } from '../../server/queue/leases/rescue-leases.ts';
import { patchOrg } from '../../server/queue/orgs/orgs.ts';
import { retryRun } from '../../server/queue/runs/retry-runs.ts';
import { borrow, borrowRace, giveBack } from './borrow.ts';
import { cancel } from './cancel.ts';
import { checkOrg } from './check-org.ts';
import { checkOnly } from './check-results.ts';
import { finish, heartbeat, idsOf, installed, pick, takeAs, withJob, withLease } from './lease-operations.ts';
import type { Model } from './model.ts';
import { type Operation, rivals } from './operation.ts';
import { agentNames, register } from './register.ts';
import { steal } from './steal.ts';
import { isRefusal, orgs, orRefusal, remember, server, submit } from './submit.ts';

const any = { orgId: undefined };

/** Performs the operation. Refusals of the contract are normal answers. */
export async function perform(model: Model, operation: Operation): Promise<void> {
  try {
    await steps[operation.do](model, operation as never);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

type Steps = {
  readonly [K in Operation['do']]: (model: Model, operation: Extract<Operation, { do: K }>) => Promise<void>;
};

const steps: Steps = {
  submit,
  register: (model, { agent, anew }) => register(model, agent, anew),
  take,
  'take-again': async (model, { lease }) => {
    const held = pick(model.leases, lease);
    if (!held) return;
    const again = await takeAs(model.deps, held.agent, held.device, held.lease.lease_id);
    // A job of it may have had an attempt since then.
    await checkOnly(model, again?.jobs.filter(({ status }) => status === 'scheduled') ?? []);
  },
  release: (model, { lease }) =>
    withLease(model, lease, ({ lease: { lease_id } }) =>
      releaseLease(model.deps, model.callerOf(lease_id), lease_id),
    ),
  heartbeat: (model, { lease }) => withLease(model, lease, (held) => heartbeat(model, held)),
  upload: (model, { lease, job }) =>
    withJob(model, lease, job, (ref) => checkUpload(model.deps, model.callerOf(ref.leaseId), ref)),
  start: (model, { lease, job }) =>
    withJob(model, lease, job, (ref) => startAttempt(model.deps, model.callerOf(ref.leaseId), ref)),
  finish,
  attempts: finishLeases,
  steal,
  race,
  installed: (model, { lease, how }) => withLease(model, lease, (held) => installed(model, held, how)),
  cancel,
  retry: async (model, { run }) => {
    const picked = pick(model.runs, run);
    if (!picked) return;
    const made = await retryRun(model.deps, { id: picked.id, only: 'failed' }, { orgId: picked.orgId });
    remember(model, picked.orgId, made);
  },
  borrow,
  return: giveBack,
  'borrow-race': borrowRace,
  'take-all': takeAll,
  pause: async ({ deps }, { org, on }) => {
    await patchOrg(deps, orgs[org] ?? '', { paused_targets: on ? ['emulator'] : [] }, any);
  },
  cap: async ({ deps }, { org, most }) => {
    await deps.sql.write([
      {
        sql: 'UPDATE orgs SET max_leases = ? WHERE id = ?',
        args: [most === 0 ? null : most, orgs[org] ?? ''],
      },
    ]);
  },
  'pass-time': async (model, { ms }) => model.advance(ms),
  tick: async ({ deps }) => {
    await queueDue(deps);
    await expireQueued(deps);
    await settleBorrows(deps);
    await placeHunts(deps);
  },
  rescue: async ({ deps }) => {
    await rescueExpired(deps);
    await rescueOverdue(deps);
  },
};

async function take(model: Model, op: Extract<Operation, { do: 'take' }>): Promise<void> {
  const name = agentNames[op.agent];
  const agent = model.agents.findLast((one) => one.name === name);
  if (!agent) return register(model, op.agent, true);
  const leaseId = `lease-${model.next()}`;
  const requests = Array.from({ length: op.twice ? 2 : 1 }, (_, index) =>
    takeAs(server(model, op.meanwhile ? 0 : (index + op.server) % 2), agent, op.device, leaseId).catch(
      orRefusal,
    ),
  );
  // More jobs may be submitted while the request runs.
  if (op.meanwhile) await Promise.all([0, 1].map((org) => perform(model, { ...oneMore, org })));
  const answers = await Promise.all(requests);
  const leases = answers.filter((one) => one !== undefined && !('refused' in one)) as Lease[];
  const [lease] = leases;
  if (!lease) return;
  if (leases.some((one) => idsOf(one) !== idsOf(lease)))
    throw new Error(`lease ${leaseId} was answered with other jobs`);
  model.leases.push({ lease, agent, device: op.device });
  await checkOnly(model, lease.jobs);
  await checkOrg(model, lease.org_id);
}

/** Sets an org's cap, and lets all devices request leases at once, from two servers. */
async function takeAll(model: Model, { org, most }: Extract<Operation, { do: 'take-all' }>): Promise<void> {
  await perform(model, { do: 'cap', org, most });
  const requests = agentNames.flatMap((_, agent) => [0, 1].map((device) => ({ agent, device })));
  await Promise.all(
    requests.map((request) =>
      perform(model, { do: 'take', ...request, server: request.device, twice: false, meanwhile: false }),
    ),
  );
}

/** An agent takes a lease for each of these verdicts and ends all its jobs with it, so that jobs have several attempts. */
async function finishLeases(model: Model, op: Extract<Operation, { do: 'attempts' }>): Promise<void> {
  for (const verdict of op.verdicts) {
    // Longer than leases, backoffs and avoided devices last.
    model.advance(1_000_000);
    await perform(model, { do: 'rescue' });
    await perform(model, { do: 'tick' });
    await perform(model, { do: 'register', agent: op.agent, anew: false });
    const before = model.leases.length;
    const take = {
      do: 'take',
      agent: op.agent,
      device: 0,
      server: 0,
      twice: false,
      meanwhile: false,
    } as const;
    await perform(model, take);
    const jobs = model.leases.slice(before).flatMap(({ lease }) => lease.jobs);
    for (const job of jobs.keys()) {
      await perform(model, { do: 'start', lease: 0, job });
      await perform(model, { do: 'finish', lease: 0, job, verdict, twice: false });
    }
  }
}

const oneMore: Extract<Operation, { do: 'submit' }> = {
  do: 'submit',
  org: 0,
  app: 0,
  tests: 0,
  retries: 0,
  key: 0,
  twice: false,
  newest: false,
  most: 0,
  hunts: 0,
  holds: false,
};

/** A verdict and its rival at the same time: both read the same state, and one must notice that the job has changed. */
async function race(model: Model, op: Extract<Operation, { do: 'race' }>): Promise<void> {
  const rival = rivals[op.rival] ?? 'finish';
  const jobId = pick(pick(model.leases, op.lease)?.lease.jobs ?? [], op.job)?.job_id;
  const place = model.jobs.findIndex((job) => job.id === jobId);
  if (place < 0) return;
  if (rival === 'rescue') model.advance(61_000);
  const others: Record<(typeof rivals)[number], Operation> = {
    finish: { do: 'finish', lease: op.lease, job: op.job, verdict: op.verdict + 1, twice: false },
    cancel: { do: 'cancel', job: model.jobs.length - 1 - place, wholeRun: op.job === 0 },
    rescue: { do: 'rescue' },
    release: { do: 'release', lease: op.lease, job: op.job },
    start: { do: 'start', lease: op.lease, job: op.job },
    register: { do: 'register', agent: op.job % agentNames.length, anew: true },
  };
  await Promise.all([
    perform(model, { do: 'finish', lease: op.lease, job: op.job, verdict: op.verdict, twice: false }),
    perform(model, others[rival]),
  ]);
}

import type { Lease } from '../../protocol/shapes/agent.ts';
import { isFinal } from '../../protocol/states.ts';
import { checkUpload } from '../../server/queue/attempts/check-upload.ts';
import { startAttempt } from '../../server/queue/attempts/start-attempt.ts';
import { expireQueued, queueDue } from '../../server/queue/dispatch/tick.ts';
import { registerAgent } from '../../server/queue/fleet/register-agent.ts';
import { releaseLease } from '../../server/queue/leases/release-lease.ts';
import { rescueExpired, rescueOverdue } from '../../server/queue/leases/rescue-leases.ts';
import { patchOrg } from '../../server/queue/orgs/orgs.ts';
import { cancelJob, cancelRun } from '../../server/queue/runs/cancel-runs.ts';
import { readRun } from '../../server/queue/runs/read-run.ts';
import { retryRun } from '../../server/queue/runs/retry-runs.ts';
import { readJob } from '../../server/queue/store/read-job.ts';
import { everyone } from '../support/queue.ts';
import { finish, heartbeat, idsOf, installed, pick, takeAs, withJob, withLease } from './lease-operations.ts';
import type { Model } from './model.ts';
import { type Operation, rivals } from './operation.ts';
import { isRefusal, orgs, orRefusal, remember, server, submit } from './submit.ts';

const agentNames = ['rack-0', 'rack-1', 'own-2'];
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
    if (held) await takeAs(model.deps, held.agent, held.device, held.lease.lease_id);
  },
  release: (model, { lease }) =>
    withLease(model, lease, ({ lease: { lease_id } }) => releaseLease(model.deps, everyone, lease_id)),
  heartbeat: (model, { lease }) => withLease(model, lease, (held) => heartbeat(model, held)),
  upload: (model, { lease, job }) =>
    withJob(model, lease, job, (ref) => checkUpload(model.deps, everyone, ref)),
  start: (model, { lease, job }) =>
    withJob(model, lease, job, (ref) => startAttempt(model.deps, everyone, ref)),
  finish,
  race,
  installed: (model, { lease, how }) => withLease(model, lease, (held) => installed(model, held, how)),
  cancel,
  retry: async (model, { run }) => {
    const picked = pick(model.runs, run);
    if (!picked) return;
    const made = await retryRun(model.deps, { id: picked.id, only: 'failed' }, { orgId: picked.orgId });
    remember(model, picked.orgId, made);
  },
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
  },
  rescue: async ({ deps }) => {
    await rescueExpired(deps);
    await rescueOverdue(deps);
  },
};

async function register(model: Model, index: number, anew: boolean): Promise<void> {
  const name = agentNames[index] ?? 'rack-0';
  const before = model.agents.findLast((agent) => agent.name === name);
  const bootId = anew || !before ? `boot-${model.next()}-of-${name}` : before.bootId;
  const owner = name.startsWith('own') ? 'acme' : '';
  // The reported installed app may be another org's.
  const installed = { org_id: orgs[anew ? 1 : 0] ?? '', app_version_id: 'v0' };
  const devices = ['d0', 'd1'].map((device) => ({ name: device, target: 'emulator', installed }));
  const made = await registerAgent(model.deps, owner, { name, boot_id: bootId, version: '1', devices });
  const deviceIds = devices.map(
    (one) => made.devices.find((device) => device.name === one.name)?.device_id ?? '',
  );
  model.agents.push({ name, owner, bootId, agentId: made.agent_id, deviceIds });
}

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

const oneMore: Extract<Operation, { do: 'submit' }> = {
  do: 'submit',
  org: 0,
  app: 0,
  tests: 0,
  retries: 0,
  key: 0,
  twice: false,
  newest: false,
};

async function checkOrg({ deps }: Model, orgId: string): Promise<void> {
  const [row] = await deps.sql.read(
    `SELECT max_leases, paused_targets, (SELECT count(*) FROM leases WHERE org_id = orgs.id AND state = 'active') AS live FROM orgs WHERE id = ?`,
    [orgId],
  );
  if (row?.max_leases !== null && Number(row?.live) > Number(row?.max_leases)) {
    throw new Error(`org ${orgId} took lease ${row?.live} of at most ${row?.max_leases}`);
  }
  if (row?.paused_targets !== '[]') throw new Error(`org ${orgId} took a lease on a target that it paused`);
}

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

async function cancel(model: Model, { job, wholeRun }: Extract<Operation, { do: 'cancel' }>): Promise<void> {
  const picked = pick(model.jobs, job);
  if (!picked) return;
  const viewer = { orgId: picked.orgId };
  const before = await readJob(model.deps, picked.id, viewer);
  if (!wholeRun) {
    await cancelJob(model.deps, picked.id, viewer);
    if (!isFinal(before.status)) model.cancelled.add(picked.id);
    return;
  }
  const open = (await readRun(model.deps, before.run_id, 0, any)).jobs.filter((one) => !isFinal(one.status));
  await cancelRun(model.deps, before.run_id, viewer);
  for (const one of open) model.cancelled.add(one.job_id);
}

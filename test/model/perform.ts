import type { Lease } from '../../protocol/shapes/agent.ts';
import { isFinal } from '../../protocol/states.ts';
import { checkUpload } from '../../server/queue/attempts/check-upload.ts';
import { startAttempt } from '../../server/queue/attempts/start-attempt.ts';
import { expireQueued, queueDue } from '../../server/queue/dispatch/tick.ts';
import { registerAgent } from '../../server/queue/fleet/register-agent.ts';
import { releaseLease } from '../../server/queue/leases/release-lease.ts';
import { rescueExpired, rescueOverdue } from '../../server/queue/leases/rescue.ts';
import { patchOrg } from '../../server/queue/orgs/patch-org.ts';
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

/** Does the step. A refusal that the contract knows is an answer like any other. */
export async function perform(world: Model, operation: Operation): Promise<void> {
  try {
    await steps[operation.do](world, operation as never);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

type Steps = {
  readonly [K in Operation['do']]: (world: Model, operation: Extract<Operation, { do: K }>) => Promise<void>;
};

const steps: Steps = {
  submit,
  register: (world, { agent, anew }) => register(world, agent, anew),
  take,
  'take-again': async (world, { lease }) => {
    const held = pick(world.leases, lease);
    if (held) await takeAs(world.deps, held.agent, held.device, held.lease.lease_id);
  },
  release: (world, { lease }) =>
    withLease(world, lease, ({ lease: { lease_id } }) => releaseLease(world.deps, everyone, lease_id)),
  beat: (world, { lease }) => withLease(world, lease, (held) => heartbeat(world, held)),
  upload: (world, { lease, job }) =>
    withJob(world, lease, job, (ref) => checkUpload(world.deps, everyone, ref)),
  start: (world, { lease, job }) =>
    withJob(world, lease, job, (ref) => startAttempt(world.deps, everyone, ref)),
  finish,
  race,
  installed: (world, { lease, how }) => withLease(world, lease, (held) => installed(world, held, how)),
  cancel,
  retry: async (world, { run }) => {
    const picked = pick(world.runs, run);
    if (!picked) return;
    const made = await retryRun(world.deps, { id: picked.id, only: 'failed' }, { orgId: picked.orgId });
    remember(world, picked.orgId, made);
  },
  crowd,
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
  'pass-time': async (world, { ms }) => world.advance(ms),
  tick: async ({ deps }) => {
    await queueDue(deps);
    await expireQueued(deps);
  },
  rescue: async ({ deps }) => {
    await rescueExpired(deps);
    await rescueOverdue(deps);
  },
};

async function register(world: Model, index: number, anew: boolean): Promise<void> {
  const name = agentNames[index] ?? 'rack-0';
  const before = world.agents.findLast((agent) => agent.name === name);
  const bootId = anew || !before ? `boot-${world.next()}-of-${name}` : before.bootId;
  const owner = name.startsWith('own') ? 'acme' : '';
  // What it says is installed may be another org's app.
  const installed = { org_id: orgs[anew ? 1 : 0] ?? '', app_version_id: 'v0' };
  const devices = ['d0', 'd1'].map((device) => ({ name: device, target: 'emulator', installed }));
  const made = await registerAgent(world.deps, owner, { name, boot_id: bootId, version: '1', devices });
  const deviceIds = devices.map(
    (one) => made.devices.find((device) => device.name === one.name)?.device_id ?? '',
  );
  world.agents.push({ name, owner, bootId, agentId: made.agent_id, deviceIds });
}

async function take(world: Model, op: Extract<Operation, { do: 'take' }>): Promise<void> {
  const name = agentNames[op.agent];
  const agent = world.agents.findLast((one) => one.name === name);
  if (!agent) return register(world, op.agent, true);
  const leaseId = `lease-${world.next()}`;
  const asks = Array.from({ length: op.twice ? 2 : 1 }, (_, index) =>
    takeAs(server(world, op.meanwhile ? 0 : (index + op.server) % 2), agent, op.device, leaseId).catch(
      orRefusal,
    ),
  );
  // More work for whatever is chosen may come while an ask is under way.
  if (op.meanwhile) await Promise.all([0, 1].map((org) => perform(world, { ...oneMore, org })));
  const answers = await Promise.all(asks);
  const leases = answers.filter((one) => one !== undefined && !('refused' in one)) as Lease[];
  const [lease] = leases;
  if (!lease) return;
  if (leases.some((one) => idsOf(one) !== idsOf(lease)))
    throw new Error(`lease ${leaseId} was answered with other jobs`);
  world.leases.push({ lease, agent, device: op.device });
  await checkOrg(world, lease.org_id);
}

/** An org gets a cap, and every device asks at once, of two servers. */
async function crowd(world: Model, { org, most }: Extract<Operation, { do: 'crowd' }>): Promise<void> {
  await perform(world, { do: 'cap', org, most });
  const asks = agentNames.flatMap((_, agent) => [0, 1].map((device) => ({ agent, device })));
  await Promise.all(
    asks.map((ask) =>
      perform(world, { do: 'take', ...ask, server: ask.device, twice: false, meanwhile: false }),
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

/** A verdict and its rival, at once: both read the job as it was, and one of them has to find that it moved. */
async function race(world: Model, op: Extract<Operation, { do: 'race' }>): Promise<void> {
  const rival = rivals[op.rival] ?? 'finish';
  const jobId = pick(pick(world.leases, op.lease)?.lease.jobs ?? [], op.job)?.job_id;
  const place = world.jobs.findIndex((job) => job.id === jobId);
  if (place < 0) return;
  if (rival === 'rescue') world.advance(61_000);
  const others: Record<(typeof rivals)[number], Operation> = {
    finish: { do: 'finish', lease: op.lease, job: op.job, verdict: op.verdict + 1, twice: false },
    cancel: { do: 'cancel', job: world.jobs.length - 1 - place, wholeRun: op.job === 0 },
    rescue: { do: 'rescue' },
    release: { do: 'release', lease: op.lease, job: op.job },
    start: { do: 'start', lease: op.lease, job: op.job },
    register: { do: 'register', agent: op.job % agentNames.length, anew: true },
  };
  await Promise.all([
    perform(world, { do: 'finish', lease: op.lease, job: op.job, verdict: op.verdict, twice: false }),
    perform(world, others[rival]),
  ]);
}

async function cancel(world: Model, { job, wholeRun }: Extract<Operation, { do: 'cancel' }>): Promise<void> {
  const picked = pick(world.jobs, job);
  if (!picked) return;
  const viewer = { orgId: picked.orgId };
  const before = await readJob(world.deps, picked.id, viewer);
  if (!wholeRun) {
    await cancelJob(world.deps, picked.id, viewer);
    if (!isFinal(before.status)) world.cancelled.add(picked.id);
    return;
  }
  const open = (await readRun(world.deps, before.run_id, 0, any)).jobs.filter((one) => !isFinal(one.status));
  await cancelRun(world.deps, before.run_id, viewer);
  for (const one of open) world.cancelled.add(one.job_id);
}

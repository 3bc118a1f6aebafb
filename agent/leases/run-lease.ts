import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import type { Slot } from '../devices/device.ts';
import { deviceFolder } from '../devices/device-folder.ts';
import { makeLease, makeNew, makeOuterFolder, processFolder, removeLease } from '../folders.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import { errored } from '../reports/attempt-result.ts';
import type { SourceFailure } from '../sources/source-failure.ts';
import { findApp } from './find-app.ts';
import { inOwnNetwork } from './in-own-network.ts';
import { type Installation, installApp } from './install-app.ts';
import { type LeaseWork, mayStart } from './lease-work.ts';
import { maskLease } from './mask-lease.ts';
import { type LeasePlan, planLease } from './plan-lease.ts';
import { refuseDevice } from './refuse-device.ts';
import { reportVerdict } from './report-verdict.ts';
import { resetDevice } from './reset-device.ts';
import { runBatches } from './run-batches.ts';
import { runHook } from './run-hook.ts';
import { runJob } from './run-job.ts';
import { runTogether } from './run-together.ts';
import { setUpSource } from './set-up-source.ts';
import { withResources } from './with-resources.ts';

/**
 * Works through a lease: rejects the jobs that cannot run, installs once, runs each job in order, gives back those that
 * were not started. Throws when the agent itself fails (a full disk, say); then too the rest is given back.
 */
export async function runLease(agent: Agent, slot: Slot, lease: Lease): Promise<void> {
  const live = agent.book.open(lease, agent.client);
  const unmask = maskLease(agent.masks, lease);
  agent.traces.open(lease, slot.device.offer.name);
  try {
    const parent =
      (lease.source !== undefined && lease.source.kind !== 'workspace') || agent.isolation.isOutside
        ? await makeOuterFolder(agent.config)
        : await makeNew(processFolder(agent.config), 'lease-');
    const folder = await makeLease(parent);
    await runIn(folder, agent, slot, lease, live).finally(() =>
      // Its files may still be on their way to the server, web servers may run in it, and the device has other work.
      agent.evidence.afterLease(live.id, () =>
        agent.servers.leaveFolder(folder, () => clearFolder(agent, folder)),
      ),
    );
  } finally {
    await giveBackRest(agent, live);
    agent.book.close(lease.lease_id);
    agent.traces.close(lease.lease_id);
    agent.evidence.afterLease(live.id, async () => unmask());
  }
}

async function runIn(folder: string, agent: Agent, slot: Slot, lease: Lease, live: LiveLease): Promise<void> {
  const plan = await planLease(agent, lease, live, folder);
  if (plan.failure) return endWithSource({ agent, live }, lease.jobs, plan.failure);
  if ((await rejectJobs(agent, live, plan)) === 'over' || !plan.run) return;
  const { preset, root, setUps, jobs } = plan.run;
  const found = await findApp(agent, lease, live, folder);
  if ('failure' in found) return endWithSource({ agent, live }, jobs, found.failure);
  const refusal = refuseDevice({ preset, slot, lease, app: found.app });
  if (refusal !== undefined) return endWithSource({ agent, live }, jobs, { class: 'rejected', why: refusal });
  const deviceDir = await deviceFolder(agent.config, slot);
  await withResources({ agent, slot, lease }, preset, async () => {
    const space = await agent.isolation.openSpace({ folder, root, device: deviceDir });
    if (found.folder !== undefined) await space.give(found.folder);
    const work = {
      agent,
      slot,
      lease,
      live,
      folder,
      root,
      app: found.app,
      space,
      network: undefined,
      deviceDir,
      setUps,
      preset,
    };
    await runPlanned(work, jobs);
  });
}

/** A folder that a test made impossible to remove costs no verdict. */
async function clearFolder(agent: Agent, folder: string): Promise<void> {
  await removeLease(folder).catch((error: Error) => agent.say(`${folder} stays: ${error.message}`));
}

async function rejectJobs(agent: Agent, live: LiveLease, plan: LeasePlan): Promise<'done' | 'over'> {
  for (const { job, why } of plan.rejected) {
    agent.say(`${job.test_path}  rejected: ${why}`);
    const result = errored('rejected', why);
    if ((await reportVerdict(agent, live, job, result, { durationMs: 0 })) === 'over') return 'over';
  }
  return 'done';
}

/** Between the hooks of the host. */
async function runPlanned(work: LeaseWork, jobs: readonly LeasedJob[]): Promise<void> {
  if (!(await mayStart(work))) return;
  const failure = await runHook(work, 'before_lease');
  if (failure !== undefined) return endWithSource(work, jobs, failure);
  await runPrepared(work, jobs).finally(async () => {
    // The verdicts stand.
    const failed = await runHook(work, 'after_lease');
    if (failed === undefined) return;
    const words = failed.class === 'stopped' ? 'the hook after_lease was stopped' : failed.why;
    work.agent.say(`${work.slot.device.offer.name}  ${words}`);
  });
}

async function runPrepared(work: LeaseWork, jobs: readonly LeasedJob[]): Promise<void> {
  const problem = await setUpSource(work);
  if (problem !== undefined) return endWithSource(work, jobs, problem);
  if (!(await mayStart(work))) return;
  const left = await resetDevice(work);
  if (left !== undefined) return endWithSource(work, jobs, left);
  const installation = await installApp(work);
  if (installation.is === 'failed') return endWithInstall(work, jobs, installation);
  if (installation.is === 'stopped') return;
  await inOwnNetwork(work, (inside) => runJobs(inside, jobs, installation.uncounted));
}

async function runJobs(work: LeaseWork, jobs: readonly LeasedJob[], installs: number): Promise<void> {
  const { preset } = work;
  if ('group' in preset) return runBatches(work, preset, jobs, installs);
  if (preset.prepareBatch && jobs.length > 1) return runTogether(work, preset.prepareBatch, jobs, installs);
  let uncounted = installs;
  for (const job of jobs) {
    const end = await runJob(work, preset, job, uncounted);
    if (end === 'over') return;
    if (end === 'done') uncounted = 0;
  }
}

/**
 * A source, or an app, that cannot be made ready is a matter of its own jobs alone: they are rejected. Where this host is to blame,
 * the first job is tried again elsewhere, and the others are given back.
 */
async function endWithSource(
  { agent, live }: Pick<LeaseWork, 'agent' | 'live'>,
  jobs: readonly LeasedJob[],
  failure: SourceFailure,
): Promise<void> {
  if (failure.class === 'stopped' || live.lost.aborted || agent.stop.kill.aborted) return;
  for (const job of failure.class === 'rejected' ? jobs : jobs.slice(0, 1)) {
    agent.say(`${job.test_path}  ${failure.class}: ${failure.why.split('\n', 1)[0]}`);
    const result = errored(failure.class, failure.why);
    if ((await reportVerdict(agent, live, job, result, { durationMs: 0 })) === 'over') return;
  }
}

/** Only an install that the server asked for can be reported as an install; another one ends the first job. */
async function endWithInstall(
  { agent, live, lease }: LeaseWork,
  [first]: readonly LeasedJob[],
  { class: errorClass, why, installs }: Extract<Installation, { is: 'failed' }>,
): Promise<void> {
  if (lease.install || live.lost.aborted || agent.stop.kill.aborted || !first) return;
  await reportVerdict(agent, live, first, errored(errorClass, why), { durationMs: 0, installs, serves: 0 });
}

/** Best effort: a lease that nobody renews ends by itself. One without open jobs has nothing to give back. */
async function giveBackRest(agent: Agent, live: LiveLease): Promise<void> {
  if (live.open.size === 0 || live.lost.aborted) return;
  const leaving = agent.stop.afterDrain(agent.timing.leaveMs);
  await live.client
    .call('releaseLease', { params: { id: live.id }, signal: AbortSignal.any([live.lost, leaving.signal]) })
    .catch((error: Error) => agent.say(`the lease could not be given back: ${error.message}`));
  leaving.clear();
}

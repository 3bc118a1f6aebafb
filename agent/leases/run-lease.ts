import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import type { AgentConfig } from '../config.ts';
import type { Slot } from '../devices/device.ts';
import { makeNew, processFolder, removeFolder } from '../folders.ts';
import { choosePreset } from '../frameworks/choose-preset.ts';
import type { Preset } from '../frameworks/preset.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import { errored } from '../reports/attempt-result.ts';
import { openSource, refuseTest } from '../sources/open-source.ts';
import { installApp } from './install-app.ts';
import { type LeaseWork, mayStart } from './lease-work.ts';
import { reportVerdict } from './report-verdict.ts';
import { runJob } from './run-job.ts';

/**
 * Works through a lease: rejects the jobs that cannot run, installs once, runs each job in order, gives back those that
 * were not started. Throws when the agent itself fails (a full disk, say); then too the rest is given back.
 */
export async function runLease(agent: Agent, slot: Slot, lease: Lease): Promise<void> {
  const live = agent.book.open(
    lease.lease_id,
    lease.jobs.map((job) => job.job_id),
  );
  try {
    const plan = await planLease(agent.config, lease);
    if ((await rejectJobs(agent, live, plan)) === 'over' || !plan.run) return;
    const { preset, root, jobs } = plan.run;
    const folder = await makeNew(processFolder(agent.config), 'lease-');
    const work = { agent, slot, lease, live, folder, root, preset };
    await runPlanned(work, jobs).finally(() => clearFolder(agent, folder));
  } finally {
    await giveBackRest(agent, live);
    agent.book.close(lease.lease_id);
  }
}

/** A folder that a test made impossible to remove costs no verdict. */
async function clearFolder(agent: Agent, folder: string): Promise<void> {
  await removeFolder(folder).catch((error: Error) => agent.say(`${folder} stays: ${error.message}`));
}

async function rejectJobs(agent: Agent, live: LiveLease, plan: LeasePlan): Promise<'done' | 'over'> {
  for (const { job, why } of plan.rejected) {
    agent.say(`${job.test_path}  rejected: ${why}`);
    const result = errored('rejected', why);
    if ((await reportVerdict(agent, live, job, result, { durationMs: 0 })) === 'over') return 'over';
  }
  return 'done';
}

async function runPlanned(work: LeaseWork, jobs: readonly LeasedJob[]): Promise<void> {
  if (!(await mayStart(work))) return;
  const installation = await installApp(work);
  if ('failed' in installation) return endWithInstall(work, jobs, installation.failed);
  let { uncounted } = installation;
  for (const job of jobs) {
    const end = await runJob(work, job, uncounted);
    if (end === 'over') return;
    if (end === 'done') uncounted = 0;
  }
}

/** Only an install that the server asked for can be reported as an install; another one ends the first job. */
async function endWithInstall(
  { agent, live, lease }: LeaseWork,
  [first]: readonly LeasedJob[],
  why: string,
): Promise<void> {
  if (lease.install || live.lost.aborted || agent.stop.kill.aborted || !first) return;
  await reportVerdict(agent, live, first, errored('install_failed', why), { durationMs: 0 });
}

/** Best effort: a lease that nobody renews ends by itself. One without open jobs has nothing to give back. */
async function giveBackRest(agent: Agent, live: LiveLease): Promise<void> {
  if (live.open.size === 0 || live.lost.aborted) return;
  const leaving = agent.stop.afterDrain(agent.timing.leaveMs);
  await agent.client
    .call('releaseLease', { params: { id: live.id }, signal: AbortSignal.any([live.lost, leaving.signal]) })
    .catch((error: Error) => agent.say(`the lease could not be given back: ${error.message}`));
  leaving.clear();
}

/** Which jobs of a lease can be run, and why not the others. */
export interface LeasePlan {
  readonly rejected: readonly { readonly job: LeasedJob; readonly why: string }[];
  /** Absent when every job is rejected. */
  readonly run?: { readonly preset: Preset; readonly root: string; readonly jobs: readonly LeasedJob[] };
}

/** Checks all that can be known before the install, so that a job that cannot run causes none. */
export async function planLease(config: AgentConfig, lease: Lease): Promise<LeasePlan> {
  const preset = choosePreset(config.frameworks, lease.framework);
  if ('rejected' in preset) return rejectAll(lease, preset.rejected);
  const source = await openSource(lease.source, config);
  if ('rejected' in source) return rejectAll(lease, source.rejected);
  const looked = await Promise.all(
    lease.jobs.map(async (job) => ({ job, why: await refuseTest(source.root, job.test_path) })),
  );
  const jobs = looked.filter(({ why }) => why === undefined).map(({ job }) => job);
  return {
    rejected: looked.flatMap(({ job, why }) => (why === undefined ? [] : [{ job, why }])),
    ...(jobs.length > 0 && { run: { preset, root: source.root, jobs } }),
  };
}

const rejectAll = (lease: Lease, why: string): LeasePlan => ({
  rejected: lease.jobs.map((job) => ({ job, why })),
});

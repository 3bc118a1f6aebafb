import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import type { Slot } from '../devices/device.ts';
import { makeNew, processFolder, removeFolder } from '../folders.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import { errored } from '../reports/attempt-result.ts';
import { installApp, reportInstall } from './install-app.ts';
import { type LeaseWork, mayStart } from './lease-work.ts';
import { type LeasePlan, planLease } from './plan-lease.ts';
import { reportVerdict } from './report-verdict.ts';
import { runJob } from './run-job.ts';
import { setUpSource } from './set-up-source.ts';

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
    const folder = await makeNew(processFolder(agent.config), 'lease-');
    await runIn(folder, agent, slot, lease, live).finally(() => clearFolder(agent, folder));
  } finally {
    await giveBackRest(agent, live);
    agent.book.close(lease.lease_id);
  }
}

async function runIn(folder: string, agent: Agent, slot: Slot, lease: Lease, live: LiveLease): Promise<void> {
  const plan = await planLease(agent, lease, live, folder);
  if ((await rejectJobs(agent, live, plan)) === 'over' || !plan.run) return;
  const { preset, root, setUp, jobs } = plan.run;
  await runPlanned({ agent, slot, lease, live, folder, root, setUp, preset }, jobs);
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
  const problem = await setUpSource(work);
  if (problem !== undefined) return endWithSetUp(work, jobs, problem);
  const installation = await installApp(work);
  if ('failed' in installation) return endWithInstall(work, jobs, installation.failed);
  let { uncounted } = installation;
  for (const job of jobs) {
    const end = await runJob(work, job, uncounted);
    if (end === 'over') return;
    if (end === 'done') uncounted = 0;
  }
}

/** A source that cannot be made ready is a broken build; at its first report the server ends the jobs of the group. */
async function endWithSetUp(work: LeaseWork, [first]: readonly LeasedJob[], why: string): Promise<void> {
  const { agent, live, lease } = work;
  if (live.lost.aborted || agent.stop.kill.aborted || !first) return;
  const report = { ok: false, duration_ms: 0, installs: 0, error_class: 'build_error', error: why } as const;
  if (lease.install) await reportInstall(work, report);
  else await reportVerdict(agent, live, first, errored('build_error', why), { durationMs: 0 });
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

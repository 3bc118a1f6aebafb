import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { BatchPreset } from '../frameworks/preset.ts';
import { errored } from '../reports/attempt-result.ts';
import { BatchRun } from './batch-run.ts';
import { type LeaseWork, mayStart } from './lease-work.ts';
import { reportVerdict } from './report-verdict.ts';

/**
 * Runs jobs by as few processes as can be: all files that fit together in one; those that a process did not come to in
 * the next one; those that kept others from running, or were kept by others, each in one of its own.
 */
export async function runBatches(
  work: LeaseWork,
  preset: BatchPreset,
  jobs: readonly LeasedJob[],
  installs: number,
): Promise<void> {
  let uncounted = installs;
  const takeInstalls = (): number => {
    const taken = uncounted;
    uncounted = 0;
    return taken;
  };
  const waiting = await groupJobs(work, preset, jobs);
  for (let group = waiting?.shift(); group; group = waiting?.shift()) {
    if (!(await mayStart(work))) return;
    const left = group.filter(({ job_id }) => !skipCancelled(work, job_id));
    if (left.length === 0) continue;
    const { again, alone, isOver } = await new BatchRun(work, preset, left, takeInstalls).run();
    if (isOver) return;
    waiting?.push(...alone.map((job) => [job]), ...regroup(work, preset, again));
  }
}

/** Undefined: the lease is over. */
async function groupJobs(
  work: LeaseWork,
  preset: BatchPreset,
  jobs: readonly LeasedJob[],
): Promise<LeasedJob[][] | undefined> {
  const { agent, live } = work;
  const groups: LeasedJob[][] = [];
  for (const { jobs: some, rejected } of groupsOf(work, preset, jobs)) {
    if (rejected === undefined) groups.push(some);
    else
      for (const job of some) {
        const result = errored('rejected', rejected);
        if ((await reportVerdict(agent, live, job, result, { durationMs: 0 })) === 'over') return undefined;
      }
  }
  return groups;
}

const regroup = (work: LeaseWork, preset: BatchPreset, jobs: readonly LeasedJob[]): LeasedJob[][] =>
  groupsOf(work, preset, jobs).map((group) => group.jobs);

interface JobGroup {
  readonly jobs: LeasedJob[];
  readonly rejected: string | undefined;
}

function groupsOf({ root }: LeaseWork, preset: BatchPreset, jobs: readonly LeasedJob[]): JobGroup[] {
  const byPath = new Map(jobs.map((job) => [job.test_path, job]));
  const tests = jobs.map(({ test_path, only }) => ({ testPath: test_path, only }));
  return preset.group(root, tests).map((group) => ({
    jobs: group.tests.flatMap(({ testPath }) => byPath.get(testPath) ?? []),
    rejected: group.rejected,
  }));
}

/** A job that was cancelled before its start has its end already. */
function skipCancelled({ agent, live }: LeaseWork, jobId: string): boolean {
  if (!live.isCancelled(jobId)) return false;
  live.open.delete(jobId);
  agent.say(`${jobId}  cancelled before its start`);
  return true;
}

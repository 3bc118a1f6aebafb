import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { BatchPreset } from '../frameworks/preset.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import { BatchRun } from './batch-run.ts';
import { type LeaseWork, mayStart } from './lease-work.ts';
import { Ledger } from './ledger.ts';
import { reportVerdict } from './report-verdict.ts';
import { useServers } from './use-servers.ts';

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
  const ledger = new Ledger(installs);
  const waiting = await groupJobs(work, preset, jobs);
  for (let group = waiting?.shift(); group; group = waiting?.shift()) {
    if (!(await mayStart(work))) return;
    const left = group.filter(({ job_id }) => !skipCancelled(work, job_id));
    if (left.length === 0) continue;
    const servers = await useServers(work, preset, left);
    if (servers === 'busy') return;
    if (typeof servers === 'object' && 'failed' in servers) {
      if ((await endAll(work, left, errored('report_error', unserved(servers.failed)))) === 'over') return;
      continue;
    }
    const served = servers === 'none' ? undefined : servers;
    if (!(await mayStart(work))) return served?.release();
    if (served?.isNew) ledger.serves += 1;
    const run = new BatchRun(work, preset, left, ledger, served).run();
    const { again, alone, isOver } = await run.finally(() => served?.release());
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
  const groups: LeasedJob[][] = [];
  for (const { jobs: some, rejected } of groupsOf(work, preset, jobs)) {
    if (rejected === undefined) groups.push(some);
    else if ((await endAll(work, some, errored('rejected', rejected))) === 'over') return undefined;
  }
  return groups;
}

const unserved = (why: string): string => `no test ran: the web server of the suite did not start: ${why}`;

/** Ends jobs that were not begun. */
async function endAll(
  { agent, live }: LeaseWork,
  jobs: readonly LeasedJob[],
  result: AttemptResult,
): Promise<'done' | 'over'> {
  for (const job of jobs) {
    agent.say(`${job.test_path}  ${result.error_class}: ${result.error}`);
    if ((await reportVerdict(agent, live, job, result, { durationMs: 0 })) === 'over') return 'over';
  }
  return 'done';
}

const regroup = (work: LeaseWork, preset: BatchPreset, jobs: readonly LeasedJob[]): LeasedJob[][] =>
  groupsOf(work, preset, jobs).map((group) => group.jobs);

interface JobGroup {
  readonly jobs: LeasedJob[];
  readonly rejected: string | undefined;
}

function groupsOf({ root }: LeaseWork, preset: BatchPreset, jobs: readonly LeasedJob[]): JobGroup[] {
  // Each run has web servers of its own, and two runs may have the same file.
  return [...Map.groupBy(jobs, (job) => job.run_id).values()].flatMap((own) => {
    const byPath = new Map(own.map((job) => [job.test_path, job]));
    const tests = own.map(({ test_path, only }) => ({ testPath: test_path, only }));
    return preset.group(root, tests).map(({ tests: some, rejected }) => ({
      jobs: some.flatMap(({ testPath }) => byPath.get(testPath) ?? []),
      rejected,
    }));
  });
}

/** A job that was cancelled before its start has its end already. */
function skipCancelled({ agent, live }: LeaseWork, jobId: string): boolean {
  if (!live.isCancelled(jobId)) return false;
  live.open.delete(jobId);
  agent.say(`${jobId}  cancelled before its start`);
  return true;
}

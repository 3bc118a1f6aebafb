import { limits } from '../../protocol/limits.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { Lease } from '../../protocol/shapes/agent.ts';
import { badAnswer, longestTimerMs, quoted, serverId } from '../answers.ts';

/** More than any server leases at once. */
const mostJobs = 4 * limits.jobsPerLease;
/** The attempts that a log is taken for. */
const mostAttempts = 1000;
const longestUrl = 4096;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const controls = /[\u0000-\u001f\u007f]/;

/**
 * The lease that was asked for, as far as one look can tell: whoever answers may be anybody. Errors: `unavailable`, one
 * line that says what is wrong. A test path that cannot be is the job's own matter, which is rejected alone.
 */
export function checkLease(asked: string, answer: unknown): Lease {
  // Before everything else: looking at each of a million jobs is what such an answer is for.
  const jobs = (answer as Partial<Lease> | null | undefined)?.jobs;
  if (!Array.isArray(jobs) || jobs.length === 0) throw badAnswer('a lease without jobs');
  if (jobs.length > mostJobs) throw badAnswer(`a lease of ${jobs.length} jobs`);
  const { data: lease, error } = Lease.safeParse(answer);
  if (!lease) throw badAnswer(`${error.issues[0]?.path.join('.')} of a lease is none`);
  const why = whyNot(asked, lease);
  if (why !== undefined) throw badAnswer(why);
  return lease;
}

function whyNot(asked: string, lease: Lease): string | undefined {
  if (lease.lease_id !== asked) return `a lease ${quoted(lease.lease_id)} that nobody asked for`;
  const ids = lease.jobs.map((job) => job.job_id);
  if (new Set(ids).size < ids.length) return 'a lease that names a job twice';
  const url = lease.app?.url ?? '';
  if (url.length > longestUrl || controls.test(url)) return 'an app at an address that is none';
  return lease.jobs.map(whyNotJob).find((why) => why !== undefined);
}

function whyNotJob({ job_id, next_attempt, timeout_ms }: LeasedJob): string | undefined {
  if (!serverId.test(job_id)) return `a job id ${quoted(job_id)}`;
  if (next_attempt < 1 || next_attempt > mostAttempts) return `attempt ${next_attempt} of a job`;
  return timeout_ms < 1 || timeout_ms > longestTimerMs ? `${timeout_ms} ms for a test` : undefined;
}

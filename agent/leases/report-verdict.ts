import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import type { LogPump } from '../logs/log-pump.ts';
import { afterDrain } from '../loops/after-drain.ts';
import type { LiveLease } from '../loops/live-lease.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import { fitReport } from '../reports/fit-report.ts';
import type { Verdict } from '../spool/entry.ts';
import { sendUntilTaken } from '../spool/send-until-taken.ts';
import { SpooledVerdict } from '../spool/spooled-verdict.ts';

/** What happened beside the verdict. */
export interface AttemptCost {
  readonly durationMs: number;
  /** Installs within the attempt. */
  readonly installs?: number;
}

/** `over`: the lease is not ours any more, so its other jobs are not either; or the agent ends. */
export type Delivered = 'done' | 'over';

/** Refusals that are about this job alone: another verdict stands, or it was cancelled meanwhile. */
const settled: readonly ErrorCode[] = ['conflict', 'job_cancelled'];

/**
 * Ends the log of an attempt, reports its verdict and waits for the answer, also while the server is away: then both
 * are on disk. A lease that was taken back means that the verdict counts for nothing: it is dropped.
 */
export async function reportVerdict(
  agent: Agent,
  live: LiveLease,
  job: LeasedJob,
  result: AttemptResult,
  cost: AttemptCost,
  log?: LogPump,
): Promise<Delivered> {
  const verdict = await toVerdict(agent, live, job, result, cost);
  const kept = new SpooledVerdict(agent, verdict, log);
  await closeLog(agent, log);
  const answer = await sendUntilTaken(agent, verdict, kept);
  if (answer !== 'left') await settle(agent, kept, log);
  if (agent.stop.drain.aborted) log?.giveUp();
  const refusal = answer instanceof QgjobError ? answer : undefined;
  if (refusal) agent.say(`${job.test_path}: its verdict was not taken: ${refusal.message}`);
  if (refusal && !settled.includes(refusal.code)) return 'over';
  // Also where its verdict is left on disk: it is not to be given back.
  live.open.delete(job.job_id);
  return answer === 'left' ? 'over' : 'done';
}

async function toVerdict(
  agent: Agent,
  { id }: LiveLease,
  job: LeasedJob,
  result: AttemptResult,
  { durationMs, installs }: AttemptCost,
): Promise<Verdict> {
  return {
    lease_id: id,
    job_id: job.job_id,
    test_path: job.test_path,
    finish: {
      attempt: job.next_attempt,
      ...(await fitReport(result, agent.redact)),
      duration_ms: durationMs,
      ...(installs && { installs }),
    },
  };
}

/** What the server did not take of the log until now gets one more chance, and where this process ends, a later one. */
async function settle(agent: Agent, kept: SpooledVerdict, log: LogPump | undefined): Promise<void> {
  if (log?.pending) await closeLog(agent, log);
  if (log?.pending && agent.stop.drain.aborted) await kept.write();
  else await kept.remove();
}

/** Sends the rest of a log; what stays unsent holds up nothing for long. */
async function closeLog(agent: Agent, log: LogPump | undefined): Promise<void> {
  const hurry = afterDrain(agent, agent.timing.leaveMs);
  await log?.close(agent.timing.logCloseMs, hurry.signal);
  hurry.clear();
}

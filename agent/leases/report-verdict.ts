import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Provider } from '../../protocol/shapes/job.ts';
import type { Agent } from '../agent.ts';
import type { LogPump } from '../logs/log-pump.ts';
import type { LiveLease } from '../loops/lease-book.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import { fitReport } from '../reports/fit-report.ts';
import type { Verdict } from '../spool/entry.ts';
import { sendVerdict } from '../spool/send-verdict.ts';
import { SpooledVerdict } from '../spool/spooled-verdict.ts';

/** What happened beside the verdict. */
export interface AttemptCost extends Partial<Uncounted> {
  readonly durationMs: number;
  /** The session at a provider. */
  readonly provider?: Provider | undefined;
}

/** What was done for a lease and is reported with the next of its verdicts. */
export interface Uncounted {
  readonly installs: number;
  /** Starts of web servers. */
  readonly serves: number;
}

/** `over`: the lease and its other jobs are not ours any more, or the agent ends. */
export type Reported = 'done' | 'over';

/** Refusals that are about this job alone: another verdict stands, or it was cancelled meanwhile. */
const settled: readonly ErrorCode[] = ['conflict', 'job_cancelled'];

/**
 * Ends the log of an attempt, sends its verdict and waits for the answer. While the server is away, both are on disk.
 * When the lease was taken back, the verdict counts for nothing and is dropped.
 */
export function reportVerdict(
  agent: Agent,
  live: LiveLease,
  job: LeasedJob,
  result: AttemptResult,
  cost: AttemptCost,
  log?: LogPump,
): Promise<Reported> {
  return agent.traces.reported(live.id, job, result, cost.durationMs, () =>
    report(agent, live, job, result, cost, log),
  );
}

async function report(
  agent: Agent,
  live: LiveLease,
  job: LeasedJob,
  result: AttemptResult,
  cost: AttemptCost,
  log: LogPump | undefined,
): Promise<Reported> {
  const verdict = await toVerdict(agent, live, job, result, cost);
  const spooled = new SpooledVerdict(agent, verdict, log);
  await closeLog(agent, log);
  const answer = await sendVerdict(agent, verdict, spooled);
  if (answer !== 'unsent') await settle(agent, spooled, log);
  if (agent.stop.drain.aborted) log?.giveUp();
  const refusal = answer instanceof QgjobError ? answer : undefined;
  if (refusal) agent.say(`${job.test_path}: its verdict was not taken: ${refusal.message}`);
  if (refusal && !settled.includes(refusal.code)) return 'over';
  // A job whose verdict is on disk is not given back either.
  live.open.delete(job.job_id);
  return answer === 'unsent' ? 'over' : 'done';
}

async function toVerdict(
  agent: Agent,
  { id, token }: LiveLease,
  job: LeasedJob,
  result: AttemptResult,
  { durationMs, installs, serves, provider }: AttemptCost,
): Promise<Verdict> {
  return {
    lease_id: id,
    token,
    job_id: job.job_id,
    test_path: job.test_path,
    finish: {
      attempt: job.next_attempt,
      ...(await fitReport(result, agent.redact)),
      duration_ms: durationMs,
      ...(installs && { installs }),
      ...(serves && { serves }),
      ...(provider && { provider }),
    },
  };
}

/** The rest of the log is sent once more; if this process ends, what is still missing stays on disk for a later one. */
async function settle(agent: Agent, spooled: SpooledVerdict, log: LogPump | undefined): Promise<void> {
  if (log?.pending) await closeLog(agent, log);
  if (log?.pending && agent.stop.drain.aborted) await spooled.write();
  else await spooled.remove();
}

/** Sends the rest of a log, for a bounded time. */
async function closeLog(agent: Agent, log: LogPump | undefined): Promise<void> {
  const hurry = agent.stop.afterDrain(agent.timing.leaveMs);
  await log?.close(agent.timing.logCloseMs, hurry.signal);
  hurry.clear();
}

import type { Client } from '../../client/index.ts';
import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';
import type { FinishJob } from '../../protocol/shapes/agent.ts';
import type { Verdict } from './entry.ts';

/** Refusals of a report, not of its verdict. */
const unreadable: readonly ErrorCode[] = ['invalid', 'too_large'];
/** The server's last word: it knows no such lease or job, the lease is another's by now, or another verdict stands. */
const final: readonly ErrorCode[] = [...unreadable, 'not_found', 'conflict', 'lease_lost', 'job_cancelled'];

/**
 * Tells the server a verdict. Undefined when it took it, now or before: a repeated finish gets the same answer. A
 * refusal is the value; what is not the server's last word about this verdict is thrown (it is away, it refuses the
 * token, `signal` aborted).
 */
export async function sendVerdict(
  client: Client,
  verdict: Verdict,
  signal: AbortSignal,
): Promise<QgjobError | undefined> {
  const refusal = await send(client, verdict, signal);
  if (!refusal || !unreadable.includes(refusal.code)) return refusal;
  // The verdict must not be lost with its report, and must not be green without one: say what happened.
  const why = `the server did not take this attempt's report: ${refusal.message}`;
  return send(client, { ...verdict, finish: withoutReport(verdict.finish, why) }, signal);
}

function withoutReport({ attempt, duration_ms, installs }: FinishJob, why: string): FinishJob {
  return {
    attempt,
    verdict: 'error',
    error_class: 'infra_error',
    error: why.slice(0, 2000),
    duration_ms,
    ...(installs && { installs }),
  };
}

async function send(
  client: Client,
  { lease_id, job_id, finish }: Verdict,
  signal: AbortSignal,
): Promise<QgjobError | undefined> {
  try {
    await client.call('finishJob', { params: { id: lease_id, job_id }, body: finish, signal });
    return undefined;
  } catch (error) {
    if (error instanceof QgjobError && final.includes(error.code)) return error;
    throw error;
  }
}

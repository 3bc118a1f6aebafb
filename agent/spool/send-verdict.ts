import { withRetry } from '../../client/index.ts';
import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';
import type { Agent } from '../agent.ts';
import { isUnknownToken, leaseClient } from '../loops/lease-client.ts';
import { patientRule } from '../loops/outage-log.ts';
import type { Verdict } from './entry.ts';
import { FormSender } from './form-sender.ts';
import type { SpooledVerdict } from './spooled-verdict.ts';
import { verdictForms } from './verdict-forms.ts';

/** Final answers: no such lease or job, the lease is another's by now, or another verdict stands. */
const final: readonly ErrorCode[] = [
  ...['invalid', 'too_large', 'not_found', 'conflict', 'lease_lost', 'job_cancelled'],
] as ErrorCode[];

/** The server took it, now or before (a repeated finish gets the same answer), or refuses it for good. */
export type VerdictAnswer = 'taken' | QgjobError;

/**
 * Makes the function that sends a verdict, for the process that has it and for a later one; each call is one try. It
 * throws what is no answer about this verdict (the server is away, it refuses the token, `signal` aborted). A verdict
 * that is too long for something on the way, or has words that something does not let through, is sent with less text;
 * it never becomes another verdict.
 */
export function verdictSender(
  { client, say }: Pick<Agent, 'client' | 'say'>,
  { lease_id, token, job_id, test_path, finish }: Verdict,
  signal: AbortSignal,
): () => Promise<VerdictAnswer> {
  const once = leaseClient(client, token).with({ forMs: 0 });
  const params = { id: lease_id, job_id };
  const sender = new FormSender(verdictForms(finish), (body) =>
    once.call('finishJob', { params, body, signal }),
  );
  return async () => {
    try {
      const form = await sender.try();
      if (form > 0) say(`${test_path}: its verdict was taken, but not all of its texts`);
      return 'taken';
    } catch (error) {
      // Another database stands behind the server's address; the right one may come back.
      if (isUnknownToken(error)) throw error;
      if (error instanceof QgjobError && final.includes(error.code)) return error;
      throw error;
    }
  };
}

/**
 * Sends a verdict of this process until the server answers, however long it is away: its device has nothing else to do
 * meanwhile. An agent that ends leaves it on disk after `leaveMs`, for its next start to send; where the disk did not
 * take it, it goes on until the agent is killed. Both are `unsent`.
 */
export async function sendVerdict(
  agent: Agent,
  verdict: Verdict,
  spooled: SpooledVerdict,
): Promise<VerdictAnswer | 'unsent'> {
  const leaving = agent.stop.afterDrain(agent.timing.leaveMs);
  const answer = await sendUntil(agent, verdict, leaving.signal);
  leaving.clear();
  if (answer) return answer;
  const path = await spooled.write();
  if (path === undefined) return (await sendUntil(agent, verdict, agent.stop.kill)) ?? 'unsent';
  agent.say(`${verdict.test_path}: its verdict stays in ${path}; the next start of this agent reports it`);
  return 'unsent';
}

/**
 * Undefined: `over` aborted, or the server is there and gives no answer about it (a refused token, an error of its
 * own).
 */
async function sendUntil(
  agent: Agent,
  verdict: Verdict,
  over: AbortSignal,
): Promise<VerdictAnswer | undefined> {
  const send = verdictSender(agent, verdict, over);
  const rule = patientRule(agent, `${verdict.test_path}: its verdict was not taken`, send);
  const isWaitedOut = ({ code }: QgjobError): boolean => code === 'unavailable';
  try {
    const answer = await withRetry(send, true, { ...rule, isWaitedOut }, over);
    agent.outages.over(send);
    return answer;
  } catch {
    return undefined;
  } finally {
    agent.outages.drop(send);
  }
}

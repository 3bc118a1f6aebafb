import { isRetryable } from '../../client/index.ts';
import type { Agent } from '../agent.ts';
import { BackOff } from '../loops/back-off.ts';
import { handleOutage } from '../loops/handle-outage.ts';
import type { Entry } from './entry.ts';
import { verdictSender } from './send-verdict.ts';

/** A server that is back waits for verdicts for one lease time, which is not known before this agent has registered. */
const longestPauseMs = 5000;

/**
 * Offers a verdict of an earlier process until the server has had its last word (true), waiting for one that is away as
 * registering would. False: it stays for another start, for this agent is ending, the server refuses its token, or the
 * server fails on this verdict again and again, which must not keep the devices from work.
 */
export async function resendVerdict(agent: Agent, { path, verdict }: Entry): Promise<boolean> {
  const { drain } = agent.stop;
  const offer = verdictSender(agent, verdict, drain);
  const { maxBackOffMs } = agent.timing;
  const backOff = new BackOff({ ...agent.timing, maxBackOffMs: Math.min(maxBackOffMs, longestPauseMs) });
  let failures = 0;
  while (!drain.aborted) {
    try {
      const answer = await offer();
      agent.outages.over(backOff);
      const words =
        answer === 'taken' ? `was taken: ${verdict.finish.verdict}` : `was not taken: ${answer.message}`;
      agent.say(`${verdict.test_path}: the verdict of an earlier start ${words}`);
      return true;
    } catch (error) {
      if (drain.aborted) break;
      failures += isRetryable(error) && error.code === 'unavailable' ? 0 : 1;
      if (!isRetryable(error) || failures === agent.timing.refusals) {
        agent.say(`${verdict.test_path}: its verdict stays in ${path}: ${(error as Error).message}`);
        break;
      }
      await handleOutage(agent, error, backOff, drain);
    }
  }
  return false;
}

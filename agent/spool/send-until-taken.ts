import { withRetry } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Agent } from '../agent.ts';
import { afterDrain } from '../loops/after-drain.ts';
import { patientRule } from '../loops/patient-rule.ts';
import type { Verdict } from './entry.ts';
import { type LastWord, verdictSender } from './send-verdict.ts';
import type { SpooledVerdict } from './spooled-verdict.ts';

/** The server's last word, or `left`: it stays on disk for the next start of this agent. */
export type Offered = LastWord | 'left';

/**
 * Offers a verdict of this process until the server answers, however long it is away: there is nothing else that its
 * device could do meanwhile. An agent that ends leaves it on disk after `leaveMs`; where the disk did not take it, as
 * late as it can.
 */
export async function sendUntilTaken(agent: Agent, verdict: Verdict, kept: SpooledVerdict): Promise<Offered> {
  const leaving = afterDrain(agent, agent.timing.leaveMs);
  const answer = await offerUntil(agent, verdict, leaving.signal);
  leaving.clear();
  if (answer) return answer;
  const path = await kept.write();
  if (path === undefined) return (await offerUntil(agent, verdict, agent.stop.kill)) ?? 'left';
  agent.say(`${verdict.test_path}: its verdict stays in ${path}; the next start of this agent reports it`);
  return 'left';
}

/** Undefined: `enough` aborted, or the server is there and has no word on it (a refused token, an error of its own). */
async function offerUntil(
  agent: Agent,
  verdict: Verdict,
  enough: AbortSignal,
): Promise<LastWord | undefined> {
  const offer = verdictSender(agent, verdict, enough);
  const rule = patientRule(agent, `${verdict.test_path}: its verdict was not taken`, offer);
  for (;;) {
    try {
      const answer = await withRetry(offer, true, rule, enough);
      agent.outages.over(offer);
      return answer;
    } catch (error) {
      const isAway = error instanceof QgjobError && error.code === 'unavailable';
      if (!enough.aborted && isAway) continue;
      agent.outages.drop(offer);
      return undefined;
    }
  }
}

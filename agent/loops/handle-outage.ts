import { errorTable, QgjobError } from '../../protocol/errors.ts';
import type { Agent } from '../agent.ts';
import { type BackOff, pause } from './back-off.ts';

/**
 * What a loop does about a call that failed: it ends the agent (false) when another one took its name or its token
 * is refused again and again, and otherwise waits before the loop goes on. No answer makes a loop ask again at once.
 * The trouble is that of `backOff`, until the loop says that it is over.
 */
export async function handleOutage(
  agent: Agent,
  error: unknown,
  backOff: BackOff,
  over: AbortSignal,
): Promise<boolean> {
  const known = error instanceof QgjobError ? error : undefined;
  if (known?.code === 'replaced') {
    return endAgent(agent, known, `another agent named ${agent.config.name} has started; this one ends`);
  }
  if (known?.code === 'unauthorized' || known?.code === 'forbidden') {
    backOff.refusals += 1;
    if (backOff.refusals >= agent.timing.refusals) {
      return endAgent(agent, known, `the server refuses this agent's token: ${known.message}`);
    }
  }
  agent.outages.say(`${(error as Error).message} (trying again)`, backOff);
  await pause(backOff.nextMs(Number(known?.details?.retry_after_ms ?? 0)), over);
  return true;
}

function endAgent(agent: Agent, error: QgjobError, line: string): false {
  agent.outages.say(line, agent);
  agent.stop.requestKill(errorTable[error.code].exitCode);
  return false;
}

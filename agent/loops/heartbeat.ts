import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';
import type { Agent, Session } from '../agent.ts';
import { BackOff, pause } from './back-off.ts';
import { handleTrouble } from './handle-trouble.ts';
import type { SessionKeeper } from './session-keeper.ts';

/** After an answer that came at once: news arrive in one call, so a stream of answers means that something loops. */
const settleMs = 50;

/**
 * Renews all leases until `over`, on its own and not between tests: one held call at a time, which the server
 * answers early for news, and which is sent again at once when a lease is added, so that news of it find us.
 */
export async function keepBeating(agent: Agent, keeper: SessionKeeper, over: AbortSignal): Promise<void> {
  const backOff = new BackOff(agent.timing);
  while (!over.aborted) {
    const added = new AbortController();
    agent.book.whenOpened(() => added.abort());
    const sentAt = agent.now();
    try {
      const answer = await beat(agent, keeper.session, AbortSignal.any([over, added.signal]));
      agent.renewal.mark(sentAt);
      backOff.reset();
      agent.trouble.over();
      heed(agent, answer);
      if (agent.now() - sentAt < settleMs) await pause(settleMs, over);
    } catch (error) {
      if (over.aborted) return;
      if (added.signal.aborted) continue;
      await handleTrouble(agent, error, backOff, AbortSignal.any([over, added.signal]));
      await keeper.renewIfUnknown(error);
    }
  }
}

function beat(agent: Agent, session: Session, signal: AbortSignal): Promise<HeartbeatAnswer> {
  const waitMs = Math.min(session.heartbeatMs, agent.timing.holdMs);
  return agent.client.with({ forMs: 0 }).call('heartbeat', {
    params: { id: session.agentId },
    body: { boot_id: agent.bootId, leases: agent.book.ids(), wait_ms: waitMs },
    signal,
    timeoutMs: waitMs + agent.timing.callSlackMs,
  });
}

/** Every answer carries the whole state, so a lost one costs nothing but time. */
function heed(agent: Agent, answer: HeartbeatAnswer): void {
  for (const { lease_id, status, cancel } of answer.leases) {
    const lease = agent.book.get(lease_id);
    if (status === 'lost') lease?.lose();
    else lease?.cancel(cancel);
  }
  agent.intake.set(!answer.drain);
}

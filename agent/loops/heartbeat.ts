import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';
import type { Agent, Session } from '../agent.ts';
import { BackOff, handleOutage, pause } from './handle-outage.ts';
import type { Registration } from './register.ts';

/** Pause after an answer that came at once: all news come in one answer, so many answers in a row mean a loop. */
const settleMs = 50;

/**
 * Renews all leases until `over`, independent of the tests: one long poll at a time, which the server answers early
 * when there is news. A new lease cuts the poll short, so that the next one names it; that next one is answered at once, since
 * an agent with short leases would otherwise never get the answer that it was renewed.
 */
export async function runHeartbeat(
  agent: Agent,
  registration: Registration,
  over: AbortSignal,
): Promise<void> {
  const backOff = openBackOff(agent, registration.session);
  let isLong = true;
  while (!over.aborted) {
    const added = new AbortController();
    agent.book.whenOpened(() => added.abort());
    const news = AbortSignal.any([over, added.signal]);
    const sentAt = agent.now();
    try {
      const answer = await sendHeartbeat(agent, registration.session, isLong, isLong ? news : over);
      agent.renewal.mark(sentAt);
      isLong = true;
      backOff.reset();
      agent.outages.over(backOff);
      applyAnswer(agent, answer);
      if (agent.now() - sentAt < settleMs) await pause(settleMs, over);
    } catch (error) {
      if (over.aborted) return;
      isLong = !added.signal.aborted;
      if (!isLong) continue;
      if (!(await handleOutage(agent, error, backOff, news))) return;
      await registration.renewIfUnknown(error);
    }
  }
}

/**
 * Pauses are never longer than the time between two heartbeats, whatever something on the way asks for: after an outage
 * of any length the server waits one lease time for the agent.
 */
function openBackOff({ timing }: Agent, { heartbeatMs }: Session): BackOff {
  return new BackOff({ ...timing, maxBackOffMs: Math.min(timing.maxBackOffMs, heartbeatMs) }, heartbeatMs);
}

function sendHeartbeat(
  agent: Agent,
  session: Session,
  isLong: boolean,
  signal: AbortSignal,
): Promise<HeartbeatAnswer> {
  const waitMs = isLong ? Math.min(session.heartbeatMs, agent.timing.longPollMs) : 0;
  return agent.client.with({ forMs: 0 }).call('heartbeat', {
    params: { id: session.agentId },
    body: { boot_id: agent.bootId, leases: agent.book.ids(), wait_ms: waitMs },
    signal,
    timeoutMs: waitMs + agent.timing.callSlackMs,
  });
}

/** Every answer has the whole state, so a lost answer only costs time. */
function applyAnswer(agent: Agent, answer: HeartbeatAnswer): void {
  for (const { lease_id, status, cancel } of answer.leases) {
    const lease = agent.book.get(lease_id);
    if (status === 'lost') lease?.lose();
    else lease?.cancel(cancel);
  }
  agent.intake.set(!answer.drain);
}

import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';
import type { Agent, Session } from '../agent.ts';
import { BackOff, handleOutage, pause } from './handle-outage.ts';
import type { Registration } from './register.ts';

/** After an answer that came at once: news arrive in one call, so a stream of answers means that something loops. */
const settleMs = 50;

/**
 * Renews all leases until `over`, on its own and not between tests: one long poll at a time, which the server
 * answers early for news. A lease that is added cuts it short, so that news of the lease find us; the call after that
 * is not held, for an agent whose leases are short would else never hear that it was renewed.
 */
export async function runHeartbeat(
  agent: Agent,
  registration: Registration,
  over: AbortSignal,
): Promise<void> {
  const backOff = openBackOff(agent, registration.session);
  let held = true;
  while (!over.aborted) {
    const added = new AbortController();
    agent.book.whenOpened(() => added.abort());
    const news = AbortSignal.any([over, added.signal]);
    const sentAt = agent.now();
    try {
      const answer = await sendHeartbeat(agent, registration.session, held, held ? news : over);
      agent.renewal.mark(sentAt);
      held = true;
      backOff.reset();
      agent.outages.over(backOff);
      applyAnswer(agent, answer);
      if (agent.now() - sentAt < settleMs) await pause(settleMs, over);
    } catch (error) {
      if (over.aborted) return;
      held = !added.signal.aborted;
      if (!held) continue;
      if (!(await handleOutage(agent, error, backOff, news))) return;
      await registration.renewIfUnknown(error);
    }
  }
}

/**
 * Never longer than between two beats, whatever something on the way asks for: a server that is back waits one TTL for
 * us, however long it was away.
 */
function openBackOff({ timing }: Agent, { heartbeatMs }: Session): BackOff {
  return new BackOff({ ...timing, maxBackOffMs: Math.min(timing.maxBackOffMs, heartbeatMs) }, heartbeatMs);
}

function sendHeartbeat(
  agent: Agent,
  session: Session,
  held: boolean,
  signal: AbortSignal,
): Promise<HeartbeatAnswer> {
  const waitMs = held ? Math.min(session.heartbeatMs, agent.timing.holdMs) : 0;
  return agent.client.with({ forMs: 0 }).call('heartbeat', {
    params: { id: session.agentId },
    body: { boot_id: agent.bootId, leases: agent.book.ids(), wait_ms: waitMs },
    signal,
    timeoutMs: waitMs + agent.timing.callSlackMs,
  });
}

/** Every answer carries the whole state, so a lost one costs nothing but time. */
function applyAnswer(agent: Agent, answer: HeartbeatAnswer): void {
  for (const { lease_id, status, cancel } of answer.leases) {
    const lease = agent.book.get(lease_id);
    if (status === 'lost') lease?.lose();
    else lease?.cancel(cancel);
  }
  agent.intake.set(!answer.drain);
}

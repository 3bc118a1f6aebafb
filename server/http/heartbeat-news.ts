import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';

const bootsRemembered = 10_000;
const drained = 'drain';

/**
 * The news that each boot of an agent has received: leases lost, cancels, a drain. A heartbeat that waits is answered
 * early for news only.
 */
export class HeartbeatNews {
  readonly #sent = new Map<string, ReadonlySet<string>>();

  /** The end of a drain is news too: until then the agent takes no work. */
  has(bootId: string, answer: HeartbeatAnswer): boolean {
    const sent = this.#sent.get(bootId);
    if (sent?.has(drained) && !answer.drain) return true;
    return [...factsOf(answer)].some((fact) => !sent?.has(fact));
  }

  /** Remembers the facts of this answer, and forgets those that it no longer contains. */
  sent(bootId: string, answer: HeartbeatAnswer): void {
    if (this.#sent.size >= bootsRemembered) this.#sent.clear();
    this.#sent.delete(bootId);
    const facts = factsOf(answer);
    if (facts.size > 0) this.#sent.set(bootId, facts);
  }
}

function factsOf({ leases, drain }: HeartbeatAnswer): Set<string> {
  const facts = leases.flatMap(({ lease_id: id, status, cancel }) => [
    ...(status === 'lost' ? [`lost ${id}`] : []),
    ...cancel.map((jobId) => `cancel ${jobId}`),
  ]);
  return new Set(drain ? [...facts, drained] : facts);
}

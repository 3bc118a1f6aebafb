import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';

const bootsRemembered = 10_000;
const drained = 'drain';

/** What each boot of an agent was told, so that a held heartbeat answers early for news alone. */
export class HeartbeatNews {
  readonly #told = new Map<string, ReadonlySet<string>>();

  /** The end of a drain is news too: the agent holds back until it hears of it. */
  has(bootId: string, answer: HeartbeatAnswer): boolean {
    const told = this.#told.get(bootId);
    if (told?.has(drained) && !answer.drain) return true;
    return [...factsOf(answer)].some((fact) => !told?.has(fact));
  }

  /** What no longer holds is forgotten with it. */
  told(bootId: string, answer: HeartbeatAnswer): void {
    if (this.#told.size >= bootsRemembered) this.#told.clear();
    this.#told.delete(bootId);
    const facts = factsOf(answer);
    if (facts.size > 0) this.#told.set(bootId, facts);
  }
}

function factsOf({ leases, drain }: HeartbeatAnswer): Set<string> {
  const facts = leases.flatMap(({ lease_id: id, status, cancel }) => [
    ...(status === 'lost' ? [`lost ${id}`] : []),
    ...cancel.map((jobId) => `cancel ${jobId}`),
  ]);
  return new Set(drain ? [...facts, drained] : facts);
}

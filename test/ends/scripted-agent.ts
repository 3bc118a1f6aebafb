import type { BodyOf } from '../../protocol/contracts.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Fleet, World } from '../support/world.ts';

/** An agent with one device that the test plays. It has a lease and has started the lease's first job. */
export class ScriptedAgent {
  readonly #world: World;
  #fleet: Fleet;
  #lease: Lease;

  private constructor(world: World, fleet: Fleet, lease: Lease) {
    this.#world = world;
    this.#fleet = fleet;
    this.#lease = lease;
  }

  static async start(world: World, fleet: Fleet): Promise<ScriptedAgent> {
    return new ScriptedAgent(world, fleet, await takeAndStart(world, fleet));
  }

  /** Reports the verdict of the running job. */
  async finish(report: Pick<BodyOf<'finishJob'>, 'verdict'> & Partial<BodyOf<'finishJob'>>): Promise<void> {
    const [job] = this.#lease.jobs;
    const params = { id: this.#lease.lease_id, job_id: job?.job_id ?? '' };
    const body = { attempt: job?.next_attempt ?? 1, duration_ms: 1, ...report };
    await this.#world.of(this.#lease).call('finishJob', { params, body });
  }

  /** Registers as a restarted process, so the running job is lost. */
  async crash(): Promise<void> {
    this.#fleet = { ...this.#fleet, bootId: `${this.#fleet.bootId}-again` };
    const { name, bootId, target } = this.#fleet;
    await this.#world.server.as(this.#world.tokens.agent).call('registerAgent', {
      body: { name, boot_id: bootId, version: '1', devices: [{ name: 'one', target }] },
    });
  }

  /** Takes the next lease and starts its first job. */
  async takeNext(): Promise<void> {
    this.#lease = await takeAndStart(this.#world, this.#fleet);
  }
}

async function takeAndStart(world: World, fleet: Fleet): Promise<Lease> {
  const client = world.server.as(world.tokens.agent);
  const lease = await client.call('takeLease', { body: world.poll(fleet, 20_000) });
  const [job] = lease?.jobs ?? [];
  if (!lease || !job) throw new Error('there is no job to take');
  const params = { id: lease.lease_id, job_id: job.job_id };
  await world.of(lease).call('startJob', { params, body: { attempt: job.next_attempt } });
  return lease;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient, isRetryable } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Random } from '../support/random.ts';
import { checkLittle } from './check-little.ts';
import { LeaseWork } from './lease-work.ts';
import { orgs, targets } from './options.ts';
import { patient, randomFor, type Soak, wayOf, withLimit } from './soak-lab.ts';

const longPollMs = 20_000;
const settleMs = 50;
const afterErrorMs = 300;

/** One start of an agent's process: a new one has a new boot id. */
interface Boot {
  readonly bootId: string;
  readonly agentId: string;
  readonly heartbeatMs: number;
  readonly deviceIds: readonly string[];
  /** Aborted when the process is gone, or the soak is over. */
  readonly signal: AbortSignal;
  readonly die: () => void;
  /** The leases that it works on. */
  readonly work: Map<string, LeaseWork>;
}

/** An agent without devices: it speaks as one, and its tests are pauses. */
export class SimulatedAgent {
  readonly #soak: Soak;
  readonly #n: number;
  readonly #random: Random;
  readonly #client: Client;

  constructor(soak: Soak, n: number) {
    this.#soak = soak;
    this.#n = n;
    this.#random = randomFor(soak, n);
    const { agent: token } = soak.tokens.get(orgs[n % orgs.length] ?? '') ?? {};
    const client = createClient(
      { url: wayOf(soak, Math.floor(n / orgs.length)), token, check: checkLittle },
      patient,
    );
    this.#client = withLimit(client, soak);
  }

  /** One process after the other, until the soak is over. Never rejects. */
  async run(): Promise<void> {
    const { over, options, ledger } = this.#soak;
    // Not all at once.
    await sleep(this.#random.between(0, options.leaseTtlMs), undefined, { signal: over }).catch(
      () => undefined,
    );
    while (!over.aborted) {
      const boot = await this.#boot().catch((error) => this.#note('a registration', error));
      if (boot) await Promise.all([this.#beat(boot), ...boot.deviceIds.map((id) => this.#serve(boot, id))]);
      if (over.aborted) return;
      ledger.count('agents that vanished');
      await sleep(this.#random.between(0, options.awayMs / 3), undefined, { signal: over }).catch(
        () => undefined,
      );
    }
  }

  async #boot(): Promise<Boot> {
    const { over } = this.#soak;
    const bootId = randomUUID();
    const target = targets[Math.floor(this.#n / orgs.length) % targets.length] ?? targets[0];
    const devices = Array.from({ length: this.#n % 5 === 0 ? 2 : 1 }, (_, m) => ({
      name: `phone-${m}`,
      target,
    }));
    const body = { name: `rack-${this.#n}`, boot_id: bootId, version: 'soak', devices };
    const made = await this.#client.call('registerAgent', { body, signal: over });
    const end = new AbortController();
    return {
      ...{ bootId, agentId: made.agent_id, heartbeatMs: made.heartbeat_ms, work: new Map() },
      deviceIds: made.devices.map(({ device_id }) => device_id),
      ...{ signal: AbortSignal.any([over, end.signal]), die: () => end.abort() },
    };
  }

  async #beat({ agentId, bootId, heartbeatMs, signal, work, die }: Boot): Promise<void> {
    const params = { id: agentId };
    const { answerMs } = this.#soak.options;
    while (!signal.aborted) {
      try {
        // Not by the client's rule, whose pauses grow: after an outage the server waits one lease TTL for this call.
        const body = { boot_id: bootId, leases: [...work.keys()], wait_ms: heartbeatMs };
        const { leases } = await this.#client.with({ forMs: 0 }).call('heartbeat', {
          params,
          body,
          signal,
          timeoutMs: heartbeatMs + answerMs,
        });
        for (const { lease_id, status, cancel } of leases) {
          if (status === 'lost') work.get(lease_id)?.lose();
          else work.get(lease_id)?.cancel(cancel);
        }
        // The server answers at once while there is news.
        await sleep(settleMs);
      } catch (error) {
        if (signal.aborted) return;
        this.#note('a heartbeat', error);
        if (isRetryable(error)) await sleep(afterErrorMs);
        else die();
      }
    }
  }

  async #serve(boot: Boot, deviceId: string): Promise<void> {
    const { bootId, signal } = boot;
    const { answerMs } = this.#soak.options;
    let leaseId: string = randomUUID();
    while (!signal.aborted) {
      const body = { lease_id: leaseId, boot_id: bootId, device_id: deviceId, wait_ms: longPollMs };
      leaseId = randomUUID();
      try {
        const lease = await this.#client.with({ forMs: 0 }).call('takeLease', {
          body,
          signal,
          timeoutMs: longPollMs + answerMs,
        });
        if (lease) await this.#workOn(boot, lease);
      } catch (error) {
        if (signal.aborted) return;
        // An earlier answer was lost: the lease is fetched by its id.
        const own = error instanceof QgjobError ? error.details?.lease_id : undefined;
        if (typeof own === 'string') leaseId = own;
        else {
          this.#note('a lease', error);
          await sleep(afterErrorMs);
        }
      }
    }
  }

  async #workOn({ work, die, signal }: Boot, lease: Lease): Promise<void> {
    const one = new LeaseWork(this.#soak, this.#client.as(lease.token), this.#random, { lease, die, signal });
    work.set(lease.lease_id, one);
    await one.run();
    work.delete(lease.lease_id);
  }

  /** What faults explain is no problem: a server that is away, a boot that is not the newest. */
  #note(what: string, error: unknown): undefined {
    if (this.#soak.over.aborted) return;
    const code = error instanceof QgjobError ? error.code : 'unknown';
    this.#soak.ledger.refused(`${what} refused`, code);
    if (!['unavailable', 'conflict', 'not_found', 'lease_lost', 'rate_limited'].includes(code))
      this.#soak.ledger.problem(`${what} of rack-${this.#n}: ${(error as Error).message}`);
  }
}

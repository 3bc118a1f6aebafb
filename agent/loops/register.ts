import { cutText, oneLine } from '../../protocol/clean-text.ts';
import { errorTable, QgjobError } from '../../protocol/errors.ts';
import type { DeviceOffer } from '../../protocol/shapes/registration.ts';
import type { Agent, Session } from '../agent.ts';
import type { Slot } from '../devices/device.ts';
import { checkRegistered } from './check-answers.ts';
import { BackOff, handleOutage } from './handle-outage.ts';

/** As they are now. */
const offersOf = (slots: readonly Slot[]): DeviceOffer[] =>
  slots.map(({ device, health }) => ({
    ...device.offer,
    ...(health.fault && { fault: cutText(oneLine(health.fault.why), 300) }),
  }));

/** Numbers in the words, such as a percentage, are no news. */
const faultsOf = (slots: readonly Slot[]): string =>
  JSON.stringify(slots.map(({ health }) => health.fault?.why.replaceAll(/\d+/g, '#') ?? null));

/** One try. The same boot id again replaces the device list and releases nothing. */
export async function register(agent: Agent, slots: readonly Slot[]): Promise<Session> {
  const devices = offersOf(slots);
  const sentAt = agent.now();
  const answer = await agent.client.with({ forMs: 0 }).call('registerAgent', {
    body: {
      name: agent.config.name,
      boot_id: agent.bootId,
      version: agent.version,
      devices,
    },
    signal: agent.stop.drain,
  });
  const names = devices.map(({ name }) => name);
  const { agent_id, devices: known, lease_ttl_ms, heartbeat_ms } = checkRegistered(names, answer);
  agent.renewal.mark(sentAt, lease_ttl_ms);
  return {
    agentId: agent_id,
    deviceIds: new Map(known.map((device) => [device.name, device.device_id])),
    ttlMs: lease_ttl_ms,
    heartbeatMs: heartbeat_ms,
  };
}

/**
 * Registers, however long the server is away. Undefined when the agent ends: it was stopped, or the server refuses its
 * token or its request, which waiting does not change.
 */
export async function registerFirst(agent: Agent, slots: readonly Slot[]): Promise<Session | undefined> {
  const backOff = new BackOff(agent.timing);
  while (!agent.stop.drain.aborted) {
    try {
      const session = await register(agent, slots);
      agent.outages.over(backOff);
      return session;
    } catch (error) {
      if (agent.stop.drain.aborted) break;
      if (error instanceof QgjobError && !errorTable[error.code].retryable) {
        agent.say(`the server refuses this agent: ${error.message}${adviceFor(agent, error)}`);
        agent.stop.requestKill(errorTable[error.code].exitCode);
        break;
      }
      await handleOutage(agent, error, backOff, agent.stop.drain);
    }
  }
  return undefined;
}

const adviceFor = ({ tokenFrom }: Agent, { code }: QgjobError): string =>
  code === 'unauthorized' && tokenFrom !== undefined
    ? `; the token is that of ${tokenFrom}: without this file the agent makes itself another`
    : '';

/** The session of this agent. It is registered again when the server does not know the agent any more. */
export class Registration {
  readonly #agent: Agent;
  readonly #slots: readonly Slot[];
  #session: Session;
  #renewing: Promise<void> | undefined;
  /** One registration at a time: the last one says how the devices are. */
  #turn: Promise<unknown> = Promise.resolve();

  /** What the server was told of the faults. */
  #told: string;

  constructor(agent: Agent, slots: readonly Slot[], session: Session) {
    this.#agent = agent;
    this.#slots = slots;
    this.#session = session;
    this.#told = faultsOf(slots);
  }

  /** The server does not know of a fault, or of the end of one. */
  get isStale(): boolean {
    return this.#told !== faultsOf(this.#slots);
  }

  get session(): Session {
    return this.#session;
  }

  /**
   * Registers again after a `not_found` (a server whose database was restored), once for all loops that ask.
   * After a failure, the next call of the loop fails in the same way and asks again.
   */
  async renewIfUnknown(error: unknown): Promise<void> {
    if (!(error instanceof QgjobError) || error.code !== 'not_found' || this.#agent.stop.drain.aborted)
      return;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  /** Tells the server how the devices are now. Throws what the call throws. */
  update(): Promise<void> {
    const next = this.#turn
      .catch(() => undefined)
      .then(async () => {
        const faults = faultsOf(this.#slots);
        this.#session = await register(this.#agent, this.#slots);
        this.#told = faults;
      });
    this.#turn = next;
    return next;
  }

  async #renew(): Promise<void> {
    this.#agent.say('the server does not know this agent any more; registering again');
    await this.update().catch(() => undefined);
  }
}

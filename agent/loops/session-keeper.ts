import { QgjobError } from '../../protocol/errors.ts';
import type { Agent, Session } from '../agent.ts';
import type { Device } from '../devices/driver.ts';
import { register } from './register.ts';

/** Holds what the server said at registration, and registers again when the server does not know us any more. */
export class SessionKeeper {
  readonly #agent: Agent;
  readonly #devices: readonly Device[];
  #session: Session;
  #renewing: Promise<void> | undefined;

  constructor(agent: Agent, devices: readonly Device[], session: Session) {
    this.#agent = agent;
    this.#devices = devices;
    this.#session = session;
  }

  get session(): Session {
    return this.#session;
  }

  /**
   * Registers again after a `not_found` (a server whose database was restored), once for all loops that ask.
   * A failure is left to the next call of the loop, which meets the same trouble.
   */
  async renewIfUnknown(error: unknown): Promise<void> {
    if (!(error instanceof QgjobError) || error.code !== 'not_found' || this.#agent.stop.drain.aborted)
      return;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  async #renew(): Promise<void> {
    this.#agent.say('the server does not know this agent any more; registering again');
    this.#session = await register(this.#agent, this.#devices).catch(() => this.#session);
  }
}

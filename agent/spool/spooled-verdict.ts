import { rm } from 'node:fs/promises';
import type { Agent } from '../agent.ts';
import type { LogPump } from '../logs/log-pump.ts';
import { spoolFolder, type Verdict, writeEntry } from './entry.ts';

/**
 * A verdict on its way to the server. It is written to disk when the server has not answered after `spoolAfterMs`, and
 * removed after the answer. A server that answers in time causes no write: a synced file would cost each verdict 0.7 ms
 * where measured (0.2 ms without the sync; far more on a slow or busy disk). The price: an agent that is killed within
 * that time has lost the verdict, and its test runs once more.
 */
export class SpooledVerdict {
  readonly #agent: Agent;
  readonly #verdict: Verdict;
  readonly #log: LogPump | undefined;
  readonly #timer: NodeJS.Timeout;
  #written: Promise<string | undefined> | undefined;

  /** `log` has ended, or is ended right after this. */
  constructor(agent: Agent, verdict: Verdict, log: LogPump | undefined) {
    this.#agent = agent;
    this.#verdict = verdict;
    this.#log = log;
    this.#timer = setTimeout(() => void this.write(), agent.timing.spoolAfterMs);
  }

  /** Writes it, once. Answers its path; undefined, with a line about it, when it cannot be written. */
  write(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    this.#written ??= this.#write();
    return this.#written;
  }

  /** The server has given its answer. */
  async remove(): Promise<void> {
    clearTimeout(this.#timer);
    const path = await this.#written;
    if (path !== undefined) await removeEntry(this.#agent, path);
  }

  async #write(): Promise<string | undefined> {
    const { client, config } = this.#agent;
    const log = this.#log?.rest ?? { offset: 0, bytes: Buffer.alloc(0) };
    try {
      return await writeEntry(spoolFolder(config), { server: client.url, verdict: this.#verdict, log });
    } catch (error) {
      const what = `${this.#verdict.test_path}: its verdict waits in memory alone`;
      this.#agent.say(`${what}: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** A file that is gone is no error; one that stays is sent again by the next start, and gets the same answer. */
export async function removeEntry({ say }: Pick<Agent, 'say'>, path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: Error) => say(`${path} cannot be removed: ${error.message}`));
}

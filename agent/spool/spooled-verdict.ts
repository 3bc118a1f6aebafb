import { rm } from 'node:fs/promises';
import type { Agent } from '../agent.ts';
import type { LogPump } from '../logs/log-pump.ts';
import { spoolFolder, type Verdict, writeEntry } from './entry.ts';

/**
 * A verdict on its way to the server. It goes to disk when the server has not answered within a moment (`spoolAfterMs`),
 * and from there when it has. While the server answers nothing is written: nearly every verdict is taken within a round
 * trip, and a synced file costs one to the disk (0.7 ms where measured, 0.2 ms without the sync; far more on a slow or
 * busy disk). What this gives away is that moment: an agent that is killed within it has lost the verdict, and its test
 * runs once more.
 */
export class SpooledVerdict {
  readonly #agent: Agent;
  readonly #verdict: Verdict;
  readonly #log: LogPump | undefined;
  readonly #timer: NodeJS.Timeout;
  #written: Promise<string | undefined> | undefined;

  /** `log` has ended, or ends before anything else happens. */
  constructor(agent: Agent, verdict: Verdict, log: LogPump | undefined) {
    this.#agent = agent;
    this.#verdict = verdict;
    this.#log = log;
    this.#timer = setTimeout(() => void this.write(), agent.timing.spoolAfterMs);
  }

  /** Its path, once it is on disk; undefined when the disk does not take it, which is said. Writes once. */
  write(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    this.#written ??= this.#write();
    return this.#written;
  }

  /** The server has had its last word. */
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

/** One that is gone is no error; one that stays is offered again by the next start, and gets the same answer. */
export async function removeEntry({ say }: Pick<Agent, 'say'>, path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: Error) => say(`${path} cannot be removed: ${error.message}`));
}

import type { AuditLine } from '../queue/store/audit-line.ts';
import { RefusedCalls } from './refused-calls.ts';

interface Options {
  /** Stores lines in a commit of their own. Errors: `unavailable`. */
  readonly store: (lines: readonly AuditLine[]) => Promise<void>;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called with lines that could not be written. */
  readonly onLost: (error: unknown, lines: readonly AuditLine[]) => void;
}

/** What callers have done, written down. */
export class AuditLog {
  readonly refused: RefusedCalls;
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.refused = new RefusedCalls(options.now);
  }

  /**
   * Writes a line about what is done already. Never throws: the change stays done, so where the line cannot be written the
   * server's own log has it.
   */
  async write(line: AuditLine): Promise<void> {
    await this.#store([line]);
  }

  /** Writes the lines of refused calls whose minute is over; at the end of the server of all. */
  async writeRefused(options?: { readonly isEnd: boolean }): Promise<void> {
    await this.#store(this.refused.take(options));
  }

  async #store(lines: readonly AuditLine[]): Promise<void> {
    if (lines.length === 0) return;
    try {
      await this.#options.store(lines);
    } catch (error) {
      this.#options.onLost(error, lines);
    }
  }
}

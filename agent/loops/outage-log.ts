import type { RetryRule } from '../../client/index.ts';
import type { Timing } from '../timing.ts';

/** Lines of one outage; messages that are worded differently each time would fill the log. */
const mostLines = 8;

/**
 * Says once what is wrong with the server, however many loops notice it, and says when it is over. Each outage belongs
 * to the loop or call that met it: something on the way may refuse one kind of call and let the others through.
 */
export class OutageLog {
  readonly #say: (line: string) => void;
  readonly #said = new Set<string>();
  readonly #open = new Set<unknown>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  say(line: string, who: unknown): void {
    this.#open.add(who);
    if (this.#said.has(line) || this.#said.size >= mostLines) return;
    this.#said.add(line);
    this.#say(line);
  }

  /** `who` gives up without an answer. */
  drop(who: unknown): void {
    if (this.#open.delete(who) && this.#open.size === 0) this.#said.clear();
  }

  /** The server itself has answered `who`. After the last one of them, the next outage is said again. */
  over(who: unknown): void {
    if (!this.#open.delete(who) || this.#open.size > 0) return;
    this.#said.clear();
    this.#say('the server answers again');
  }
}

/** The longest delay before the second try; all others follow from the one retry rule. */
const firstDelayMs = 500;

interface Patient {
  readonly timing: Pick<Timing, 'verdictMs' | 'backOffMs'>;
  readonly outages: OutageLog;
}

/** The retry rule for calls that must get through: it lasts `verdictMs`, and the outages of `who` are said. */
export const patientRule = ({ timing, outages }: Patient, what: string, who: unknown): RetryRule => ({
  forMs: timing.verdictMs,
  firstDelayMs: Math.min(firstDelayMs, timing.backOffMs),
  onRetry: (error) => outages.say(`${what}: ${error.message} (trying again)`, who),
});

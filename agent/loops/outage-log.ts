/** Lines until the trouble is over; one that is worded anew each time would fill the log. */
const mostLines = 8;

/**
 * Says what is wrong with the server once, however many loops meet the same trouble, and when it is over. A trouble
 * belongs to who met it: something on the way may refuse one kind of call while it lets the others through.
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

  /** `who` asks no more, and has not been answered. */
  drop(who: unknown): void {
    if (this.#open.delete(who) && this.#open.size === 0) this.#said.clear();
  }

  /** The server itself has answered `who`. When that was the last one, the next trouble is said again. */
  over(who: unknown): void {
    if (!this.#open.delete(who) || this.#open.size > 0) return;
    this.#said.clear();
    this.#say('the server answers again');
  }
}

/** Says what is wrong with the server once, however many loops meet the same trouble, and when it is over. */
export class TroubleTalk {
  readonly #say: (line: string) => void;
  #last: string | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  say(line: string): void {
    if (line !== this.#last) this.#say(line);
    this.#last = line;
  }

  /** A call was answered. The next trouble is said again. */
  over(): void {
    if (this.#last !== undefined) this.#say('the server answers again');
    this.#last = undefined;
  }
}

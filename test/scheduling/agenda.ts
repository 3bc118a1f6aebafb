interface Entry {
  readonly at: number;
  readonly act: () => Promise<void>;
}

/** What is still to happen, in order of time; at one instant, what was put down first. */
export class Agenda {
  readonly #entries: Entry[] = [];

  add(at: number, act: () => Promise<void>): void {
    this.#entries.splice(this.#entries.findLastIndex((entry) => entry.at <= at) + 1, 0, { at, act });
  }

  next(): Entry | undefined {
    return this.#entries.shift();
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly isNew: boolean;
}

/** The parts of a stream that are masked, in order; overlapping ones are joined. */
export class Spans {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** The end of the last span that was taken; a later one may make it longer. */
  #coveredTo = 0;

  /** In any order: a reading knows of some only later. Most come last, so it is looked from there. */
  add(from: number, to: number): void {
    let [start, end] = [from, to];
    let last = this.#starts.length;
    while (last > 0 && (this.#starts[last - 1] ?? 0) >= end) last -= 1;
    let first = last;
    while (first > 0 && (this.#ends[first - 1] ?? 0) > start) {
      first -= 1;
      start = Math.min(start, this.#starts[first] ?? start);
      end = Math.max(end, this.#ends[first] ?? end);
    }
    this.#starts.splice(first, last - first, start);
    this.#ends.splice(first, last - first, end);
  }

  /** The end of what was taken so far. */
  get coveredTo(): number {
    return this.#coveredTo;
  }

  /** Takes the spans that begin before this place. `isNew` is false where one only makes the span before it longer. */
  takeBefore(place: number): Span[] {
    const next = this.#starts.findIndex((start) => start >= place);
    const count = next === -1 ? this.#starts.length : next;
    const ends = this.#ends.splice(0, count);
    return this.#starts.splice(0, count).map((start, index) => {
      const end = ends[index] ?? start;
      const isNew = start >= this.#coveredTo;
      this.#coveredTo = end;
      return { start, end, isNew };
    });
  }

  reset(): void {
    this.#starts.length = 0;
    this.#ends.length = 0;
    this.#coveredTo = 0;
  }
}

/** Bytes to look for. */
export interface Pattern {
  readonly bytes: Uint8Array;
  /** True: it counts only within one line. */
  readonly oneLine: boolean;
}

/**
 * Finds any number of patterns in one pass (Aho and Corasick): the cost of a byte does not grow with their number.
 * States are numbered level by level, so the children of a state are neighbours: 22 bytes a state, instead of a table
 * of 256 entries for each.
 */
export class PatternAutomaton {
  /** Length of the longest pattern. */
  readonly longest: number;
  /** The next state from the root, by byte; 0 is the root itself. */
  readonly root = new Uint32Array(256);
  /** How many bytes lead to a state: the length of the longest beginning of a pattern that the text ends with. */
  readonly depth: Uint32Array;
  /** The first state, among this one and its suffixes, at which a pattern ends; 0: none. */
  readonly ending: Uint32Array;
  /** 1 where the pattern that ends here counts only within one line. */
  readonly oneLine: Uint8Array;
  /** The state to go on from when the next byte leads nowhere: the longest suffix that begins a pattern. */
  readonly fail: Uint32Array;
  readonly #label: Uint8Array;
  readonly #firstChild: Uint32Array;

  constructor(patterns: readonly Pattern[]) {
    const sorted = sortedOnce(patterns);
    const most = sorted.reduce((sum, { bytes }) => sum + bytes.length, 1);
    this.longest = sorted.reduce((long, { bytes }) => Math.max(long, bytes.length), 0);
    this.depth = new Uint32Array(most);
    this.ending = new Uint32Array(most);
    this.oneLine = new Uint8Array(most);
    this.fail = new Uint32Array(most);
    this.#label = new Uint8Array(most);
    this.#firstChild = new Uint32Array(most + 1);
    this.#link(this.#grow(sorted));
  }

  /** The state after one more byte. */
  next(from: number, byte: number): number {
    for (let state = from; state !== 0; state = this.fail[state] ?? 0) {
      const child = this.#child(state, byte);
      if (child !== 0) return child;
    }
    return this.root[byte] ?? 0;
  }

  #child(state: number, byte: number): number {
    const end = this.#firstChild[state + 1] ?? 0;
    for (let child = this.#firstChild[state] ?? 0; child < end; child += 1) {
      if (this.#label[child] === byte) return child;
    }
    return 0;
  }

  /** Makes the states level by level. Each stands for a range of the sorted patterns: those that begin with it. */
  #grow(sorted: readonly Pattern[]): Uint32Array {
    const parent = new Uint32Array(this.depth.length);
    const low = new Uint32Array(this.depth.length);
    const high = new Uint32Array(this.depth.length);
    high[0] = sorted.length;
    let states = 1;
    for (let state = 0; state < states; state += 1) {
      const at = this.depth[state] ?? 0;
      const end = high[state] ?? 0;
      let next = low[state] ?? 0;
      this.#firstChild[state] = states;
      if (sorted[next]?.bytes.length === at) {
        if (state !== 0) this.ending[state] = state;
        this.oneLine[state] = sorted[next]?.oneLine ? 1 : 0;
        next += 1;
      }
      while (next < end) {
        const byte = sorted[next]?.bytes[at] ?? 0;
        low[states] = next;
        while (next < end && sorted[next]?.bytes[at] === byte) next += 1;
        high[states] = next;
        this.depth[states] = at + 1;
        this.#label[states] = byte;
        parent[states] = state;
        if (state === 0) this.root[byte] = states;
        states += 1;
      }
    }
    this.#firstChild[states] = states;
    return parent.subarray(0, states);
  }

  #link(parent: Uint32Array): void {
    for (let state = 1; state < parent.length; state += 1) {
      const above = parent[state] ?? 0;
      this.fail[state] = above === 0 ? 0 : this.next(this.fail[above] ?? 0, this.#label[state] ?? 0);
      if (this.ending[state] === 0) this.ending[state] = this.ending[this.fail[state] ?? 0] ?? 0;
    }
  }
}

/** Sorted by their bytes, each once. Of equal ones, that which may go over several lines counts. */
function sortedOnce(patterns: readonly Pattern[]): Pattern[] {
  const given = patterns.filter(({ bytes }) => bytes.length > 0);
  const sorted = given.sort(
    (a, b) => Buffer.compare(a.bytes, b.bytes) || Number(a.oneLine) - Number(b.oneLine),
  );
  return sorted.filter(
    ({ bytes }, at) => at === 0 || Buffer.compare(bytes, sorted[at - 1]?.bytes ?? bytes) !== 0,
  );
}

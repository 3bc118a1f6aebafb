const mark = '[redacted]';

type Span = readonly [start: number, end: number];

/**
 * Masks secrets in a stream, also those split over writes: what might be the beginning of one is held back until
 * more is known. Works on latin1 text, one character a byte, so that any bytes pass through unchanged.
 * However a text is cut into writes, the sum of what comes out is the same.
 */
export class Redactor {
  readonly #patterns: readonly string[];
  readonly #byFirst: ReadonlyMap<string, readonly string[]>;
  readonly #longest: number;
  #held = '';
  /** The first characters of what is held that belong to a value which is masked already. */
  #covered = 0;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    this.#byFirst = Map.groupBy(patterns, (pattern) => pattern[0] ?? '');
    this.#longest = Math.max(0, ...patterns.map((pattern) => pattern.length));
  }

  write(text: string): string {
    const all = this.#held + text;
    return this.#advance(all, this.#safeUntil(all));
  }

  /** What was held back. */
  end(): string {
    return this.#advance(this.#held, this.#held.length);
  }

  #advance(all: string, safe: number): string {
    if (safe === 0) {
      this.#held = all;
      return '';
    }
    let out = '';
    let at = 0;
    for (const [start, end] of mergeSpans(findSpans(all, this.#patterns), this.#covered)) {
      if (start >= safe) break;
      out += all.slice(at, start) + (start === 0 && this.#covered > 0 ? '' : mark);
      at = end;
    }
    if (at < safe) out += all.slice(at, safe);
    this.#held = all.slice(safe);
    this.#covered = Math.max(0, at - safe);
    return out;
  }

  /** Before this place no secret can begin whose end has not come yet. */
  #safeUntil(all: string): number {
    for (let at = Math.max(0, all.length - this.#longest + 1); at < all.length; at += 1) {
      const rest = all.length - at;
      const begins = (pattern: string) => pattern.length > rest && all.endsWith(pattern.slice(0, rest));
      if (this.#byFirst.get(all[at] ?? '')?.some(begins)) return at;
    }
    return all.length;
  }
}

/**
 * Every place of every pattern, overlapping ones too. Those of one pattern that overlap are one span from the start: a
 * flood of zeros, where a secret is `000000`, would else make as many spans as it has bytes.
 */
function findSpans(text: string, patterns: readonly string[]): Span[] {
  return patterns.flatMap((pattern) => placesOf(pattern, text));
}

function placesOf(pattern: string, text: string): Span[] {
  const spans: Span[] = [];
  let start = text.indexOf(pattern);
  for (let at = start, next = start; at !== -1; at = next) {
    next = text.indexOf(pattern, at + 1);
    const end = at + pattern.length;
    if (next !== -1 && next < end) continue;
    spans.push([start, end]);
    start = next;
  }
  return spans;
}

/** Spans in order; those that overlap become one. The first `covered` characters are a span of their own. */
function mergeSpans(spans: readonly Span[], covered: number): Span[] {
  const merged: Span[] = covered > 0 ? [[0, covered]] : [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = merged.at(-1);
    if (last && start < last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], end)];
    else merged.push([start, end]);
  }
  return merged;
}

/** Masks secrets in a whole text. */
export function redactText(patterns: readonly string[], text: string): string {
  const redactor = new Redactor(patterns);
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return Buffer.from(redactor.write(bytes) + redactor.end(), 'latin1').toString('utf8');
}

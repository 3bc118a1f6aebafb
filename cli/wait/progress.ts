import type { Counts } from '../../protocol/shapes/run.ts';
import { doneOf, endedParts, openParts, totalOf } from '../output/counts.ts';
import { LiveLine } from '../output/live-line.ts';
import { say } from '../output/print.ts';
import { cut } from '../output/table.ts';
import type { WaitTotals } from './wait-totals.ts';

// In ms. `silenceMs`: without a terminal a line is printed only after so long without a change.
const redrawMs = 1000;
const silenceMs = 30_000;
const untouchedMs = 10_000;

/** The progress of a wait on stderr: a line that is redrawn on a terminal, elsewhere a plain line now and then. */
export class Progress {
  readonly #totals: WaitTotals;
  readonly #line = new LiveLine();
  readonly #started = performance.now();
  #moved = this.#started;
  #isHintSaid = false;
  #lastNote = '';
  readonly #timer: NodeJS.Timeout;

  constructor(totals: WaitTotals) {
    this.#totals = totals;
    this.#timer = setInterval(() => this.#tick(), redrawMs);
  }

  /** Something has changed. */
  moved(): void {
    this.#moved = performance.now();
    this.#lastNote = '';
    this.#draw();
  }

  /** Prints what belongs above the line. */
  above(print: () => void): void {
    this.#line.clear();
    print();
    this.#draw();
  }

  /** Prints a message, but not the same one twice in a row. */
  note(line: string): void {
    if (line === this.#lastNote) return;
    this.#lastNote = line;
    this.above(() => say(line));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#line.clear();
  }

  #tick(): void {
    const now = performance.now();
    if (!this.#isHintSaid && now - this.#started > untouchedMs && this.#totals.isUntouched) {
      this.#isHintSaid = true;
      this.note(
        'nothing has started yet; is an agent running that has a device of this target? (`qgjob agent`)',
      );
    }
    if (this.#line.isLive) this.#draw();
    else if (now - this.#moved > silenceMs) {
      this.#moved = now;
      say(`still waiting after ${clock(now - this.#started)}: ${progressWords(this.#totals.total)}`);
    }
  }

  #draw(): void {
    this.#line.draw((columns) =>
      progressLine(this.#totals.total, performance.now() - this.#started, columns),
    );
  }
}

/** Seconds as a clock: `0:07`, `12:30`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `5 of 12 done, 4 passed, 1 failed, 2 running, 5 queued` */
export const progressWords = (counts: Counts): string =>
  [`${doneOf(counts)} of ${totalOf(counts)} done`, ...endedParts(counts), ...openParts(counts)].join(', ');

const barWidth = 24;
const narrow = 72;

/** One line that fits into `width` columns; a narrow one has no bar. */
export function progressLine(counts: Counts, elapsedMs: number, width: number): string {
  const total = totalOf(counts);
  const filled = total === 0 ? 0 : Math.floor((doneOf(counts) / total) * barWidth);
  const bar = width < narrow ? '' : `[${'#'.repeat(filled).padEnd(barWidth, '-')}] `;
  // A terminal may wrap in the last column, so it stays free.
  return cut(`${bar}${clock(elapsedMs)}  ${progressWords(counts)}`, width - 1);
}

import { LiveBlock } from '../live/live-block.ts';
import { liveLines } from '../live/live-lines.ts';
import { say } from '../output/print.ts';
import { clock, progressWords } from '../output/progress-words.ts';
import type { LiveFacts } from './live-facts.ts';
import type { WaitTotals } from './wait-totals.ts';

// In ms. `silenceMs`: without a terminal a line is printed only after so long without a change.
const redrawMs = 1000;
const silenceMs = 30_000;
const untouchedMs = 10_000;

/** The progress of a wait on stderr: some lines redrawn on a terminal, elsewhere a plain line now and then. */
export class Progress {
  readonly #totals: WaitTotals;
  readonly #facts: LiveFacts;
  readonly #block = new LiveBlock();
  readonly #started = performance.now();
  readonly #onResize = (): void => this.#draw();
  #moved = this.#started;
  #isHintSaid = false;
  #lastNote = '';
  readonly #timer: NodeJS.Timeout;

  constructor(totals: WaitTotals, facts: LiveFacts) {
    this.#totals = totals;
    this.#facts = facts;
    this.#timer = setInterval(() => this.#tick(), redrawMs);
    if (this.#block.isLive) process.stderr.on('resize', this.#onResize);
  }

  /** Something has changed. */
  moved(): void {
    this.#moved = performance.now();
    this.#lastNote = '';
    this.#draw();
  }

  /** Prints what belongs above the line. */
  above(print: () => void): void {
    this.#block.clear();
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
    process.stderr.off('resize', this.#onResize);
    this.#block.clear();
  }

  #tick(): void {
    const now = performance.now();
    if (!this.#isHintSaid && now - this.#started > untouchedMs && this.#totals.isUntouched) {
      this.#isHintSaid = true;
      this.note(
        'nothing has started yet; is an agent running that has a device of this target? (`qgjob agent`)',
      );
    }
    if (this.#block.isLive) {
      this.#facts.ask();
      this.#draw();
    } else if (now - this.#moved > silenceMs) {
      this.#moved = now;
      say(`still waiting after ${clock(now - this.#started)}: ${progressWords(this.#totals.total)}`);
    }
  }

  #draw(): void {
    const view = {
      ...this.#facts.view,
      counts: this.#totals.total,
      elapsedMs: performance.now() - this.#started,
      now: performance.timeOrigin + performance.now(),
    };
    this.#block.draw((columns, rows) => liveLines(view, columns, rows));
  }
}

import { isDumbTerminal } from '../config.ts';
import { cut } from './table.ts';

const clearLine = '\r\u001b[K';

/** A line on stderr that is redrawn where stderr is a terminal; elsewhere nothing is written. */
export class LiveLine {
  readonly isLive = process.stderr.isTTY === true && !isDumbTerminal();
  #isDrawn = false;

  /** `line` for so many columns; one that is too long is cut. */
  draw(line: (columns: number) => string): void {
    if (!this.isLive) return;
    const columns = process.stderr.columns || 80;
    // A terminal may wrap in the last column, so it stays free.
    process.stderr.write(clearLine + cut(line(columns), columns - 1));
    this.#isDrawn = true;
  }

  clear(): void {
    if (this.#isDrawn) process.stderr.write(clearLine);
    this.#isDrawn = false;
  }
}

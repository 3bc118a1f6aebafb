import { isDumbTerminal } from '../config.ts';
import { cut, displayWidth } from '../output/table.ts';

const clearBelow = '\u001b[J';
const up = (rows: number): string => (rows === 0 ? '' : `\u001b[${rows}A`);

/** The terminal that a block is drawn on: stderr, but for tests. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/** Some lines that are redrawn in place where this is a terminal; elsewhere nothing is written. */
export class LiveBlock {
  readonly isLive: boolean;
  readonly #terminal: Terminal;
  /** As drawn, without colours. */
  #drawn: readonly string[] = [];

  constructor(terminal: Terminal = process.stderr) {
    this.#terminal = terminal;
    this.isLive = terminal.isTTY === true && !isDumbTerminal();
  }

  /** Lines for so many columns and rows; what is too long or too many is cut. */
  draw(lines: (columns: number, rows: number) => readonly string[]): void {
    if (!this.isLive) return;
    const columns = this.#columns;
    const rows = this.#terminal.rows || 24;
    // A terminal may wrap in the last column, so it stays free, and it scrolls after the last row.
    const next = lines(columns, rows - 1)
      .slice(0, rows - 1)
      .map((line) => cut(line, columns - 1));
    this.#terminal.write(this.#begin() + next.join('\n'));
    this.#drawn = next;
  }

  clear(): void {
    if (this.#drawn.length > 0) this.#terminal.write(this.#begin());
    this.#drawn = [];
  }

  /** What was drawn last stays; what is printed next comes below it. */
  leave(): void {
    if (this.#drawn.length > 0) this.#terminal.write('\n');
    this.#drawn = [];
  }

  get #columns(): number {
    return this.#terminal.columns || 80;
  }

  /** To the beginning of what was drawn, which takes more rows where the terminal has become narrower since. */
  #begin(): string {
    if (this.#drawn.length === 0) return '';
    const rowsOf = (line: string): number => Math.max(1, Math.ceil(displayWidth(line) / this.#columns));
    const rows = this.#drawn.reduce((sum, line) => sum + rowsOf(line), 0);
    return `\r${up(rows - 1)}${clearBelow}`;
  }
}

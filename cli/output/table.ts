// Characters that take two columns: CJK, Hangul, full-width forms and emoji.
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const combining = /\p{Mn}/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours, as styleText writes them
const colours = /\u001b\[[\d;]*m/g;

/** Colours take no columns. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text.replace(colours, '')) width += combining.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return width;
}

/** Cut to `width` columns, with an ellipsis at the end; what is cut loses its colours. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const char of text.replace(colours, '')) {
    used += displayWidth(char);
    if (used > width - 1) break;
    kept += char;
  }
  return width < 1 ? '' : `${kept}…`;
}

export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));

export interface TableOptions {
  /** Columns of the terminal; absent: nothing is cut. */
  readonly width?: number | undefined;
  /** Indexes of the columns that may be cut, the first one first. */
  readonly cuttable?: readonly number[];
  /** Changes a padded cell without changing its width, as a colour does. */
  readonly dress?: (cell: string, row: number, column: number) => string;
}

const gap = '  ';
const cutTo = 10;

/** Rows in aligned columns; the last cell of a row is not padded. */
export function formatTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const widths = shrink(columnWidths(rows), options);
  const { dress = (cell) => cell } = options;
  return rows.map((row, y) =>
    row
      .map((cell, x) => {
        const short = cut(cell, widths[x] ?? 0);
        return dress(x === row.length - 1 ? short : pad(short, widths[x] ?? 0), y, x);
      })
      .join(gap),
  );
}

/** The width of these rows when they are cut as far as possible. */
export function leastWidth(rows: readonly (readonly string[])[], cuttable: readonly number[]): number {
  return widthOf(
    columnWidths(rows).map((width, x) => (cuttable.includes(x) ? Math.min(width, cutTo) : width)),
  );
}

const widthOf = (widths: readonly number[]): number =>
  widths.reduce((sum, one) => sum + one, 0) + gap.length * (widths.length - 1);

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [x, cell] of row.entries()) widths[x] = Math.max(widths[x] ?? 0, displayWidth(cell));
  }
  return widths;
}

function shrink(widths: number[], { width, cuttable = [] }: TableOptions): number[] {
  if (width === undefined) return widths;
  let over = widthOf(widths) - width;
  for (const x of cuttable) {
    const less = Math.max(0, Math.min(over, (widths[x] ?? 0) - cutTo));
    widths[x] = (widths[x] ?? 0) - less;
    over -= less;
  }
  return widths;
}

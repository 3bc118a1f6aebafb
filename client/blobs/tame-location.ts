/** A place in a source, as Playwright has it; lines and columns from 1 on. */
export interface Location {
  /** Relative to the working directory, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** No file: nothing is shown of it. */
export const elsewhere: Location = { file: 'elsewhere', line: 0, column: 0 };
const mostLines = 10_000_000;
/** Playwright makes a text of so many blanks. */
const mostColumns = 10_000;

/**
 * Playwright shows the lines around a place, and a test decides what stands here: another place than one in a source of
 * tests might show a secret of the machine that merges.
 */
export function tameLocation(value: unknown): Location {
  if (typeof value !== 'object' || value === null) return elsewhere;
  const { file, line, column } = value as Partial<Record<keyof Location, unknown>>;
  const isPlace = isSource(file) && isCount(line, mostLines) && isCount(column, mostColumns);
  return isPlace ? ({ file, line, column } as Location) : elsewhere;
}

/** A source below the folder of the tests, in no folder with a dot. */
const isSource = (file: unknown): boolean =>
  typeof file === 'string' &&
  /^[^\p{Cc}\\:]+\.[cm]?[jt]sx?$/u.test(file) &&
  file.split('/').every((part) => part !== '' && !part.startsWith('.'));

const isCount = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

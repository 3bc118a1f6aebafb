/** What a command that reads shows: once, or each time that it has changed. */
export interface View {
  readonly json: unknown;
  /** For so many columns; undefined: as wide as it is. */
  readonly lines: (width: number | undefined) => readonly string[];
  /** Said below the lines, on stderr. */
  readonly notes?: readonly string[];
  /** Said with JSON too. */
  readonly warnings?: readonly string[];
  /** What counts as a change where nothing is redrawn; default: all of `json`. */
  readonly changes?: unknown;
  /** Nothing will change any more: a watch ends. */
  readonly isOver?: boolean;
}

/** The series of an answer of `/metrics`. */
export interface Series {
  /** The sum of all with this name that have these labels; 0 for none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** Reads the text format of Prometheus. */
export function readSeries(text: string): Series {
  const lines = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels, value: Number(value) }];
  });
  return {
    sum: (name, labels = {}) =>
      lines
        .filter(
          (line) =>
            line.name === name &&
            Object.entries(labels).every(([key, value]) => line.labels.includes(`${key}="${value}"`)),
        )
        .reduce((sum, { value }) => sum + value, 0),
  };
}

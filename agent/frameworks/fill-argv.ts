export interface Placeholders {
  readonly test?: string;
  readonly app: string;
  readonly device: string;
  readonly artifacts: string;
  readonly junit?: string;
}

/**
 * Puts values in for `{test} {app} {device} {artifacts} {junit}`. A value never becomes more than one word, and one
 * that holds a placeholder itself stays as it is. Other braces are the program's own business.
 */
export function fillArgv(argv: readonly string[], values: Placeholders): string[] {
  return argv.map((item) =>
    item.replace(/\{(test|app|device|artifacts|junit)\}/g, (whole, name: keyof Placeholders) => {
      const value = values[name] ?? whole;
      // A word that starts with the value must not be read as an option.
      return item.startsWith(whole) && value.startsWith('-') ? `./${value}` : value;
    }),
  );
}

export interface Placeholders {
  readonly test?: string;
  /** For `{tests}`, which is a word of its own and becomes as many words. */
  readonly tests?: readonly string[];
  readonly app: string;
  readonly device: string;
  readonly deviceDir: string;
  readonly artifacts: string;
  readonly junit?: string;
}

const fields = {
  test: 'test',
  app: 'app',
  device: 'device',
  device_dir: 'deviceDir',
  artifacts: 'artifacts',
  junit: 'junit',
} as const;
const placeholder = new RegExp(`\\{(${Object.keys(fields).join('|')})\\}`, 'g');

/**
 * Replaces `{test} {app} {device} {device_dir} {artifacts} {junit}` by their values. A value never becomes more than one
 * word, and a placeholder inside a value is not replaced. Other braces are left to the program.
 */
export function fillArgv(argv: readonly string[], values: Placeholders): string[] {
  return argv.flatMap((item) =>
    item === '{tests}' && values.tests ? values.tests.map(notAnOption) : fillWord(item, values),
  );
}

const fillWord = (item: string, values: Placeholders): string =>
  item.replace(placeholder, (whole, name: keyof typeof fields) => {
    const value = values[fields[name]] ?? whole;
    return item.startsWith(whole) ? notAnOption(value) : value;
  });

/** A word that starts with a value must not be read as an option. */
const notAnOption = (value: string): string => (value.startsWith('-') ? `./${value}` : value);

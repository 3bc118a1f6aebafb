import { styleText } from 'node:util';

const colours = {
  passed: 'green',
  success: 'green',
  flaky: 'yellow',
  failed: 'red',
  failure: 'red',
  errored: 'magenta',
  cancelled: 'gray',
  running: 'cyan',
  scheduled: 'cyan',
  busy: 'cyan',
  benched: 'yellow',
  borrowed: 'magenta',
  offline: 'red',
} as const;

/** A status word, or `text` in the colour of that word, where stdout is a terminal with colours. */
export function inColour(word: string, text = word): string {
  const colour = colours[word as keyof typeof colours];
  return colour ? styleText(colour, text, { stream: process.stdout }) : text;
}

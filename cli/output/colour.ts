import { styleText } from 'node:util';
import type { Job } from '../../protocol/shapes/job.ts';

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
} as const;

/** A word about how something stands, in its colour where stdout is a terminal that wants colour. */
export function inColour(word: string, text = word): string {
  const colour = colours[word as keyof typeof colours];
  return colour ? styleText(colour, text, { stream: process.stdout }) : text;
}

/** How a job stands, in one word: a pass after a failure is `flaky`. */
export const wordOf = (job: Pick<Job, 'status' | 'outcome'>): string =>
  job.outcome === 'flaky' ? 'flaky' : job.status;

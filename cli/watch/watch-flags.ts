import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { duration } from '../options.ts';

export interface WatchFlags {
  readonly watch?: true;
  /** In ms. */
  readonly interval?: number;
  readonly json?: true;
}

const defaultMs = 2000;
const leastMs = 500;

/** `--watch` and `--interval`. */
export const addWatch = (command: Command, until = 'until Ctrl-C'): Command =>
  command
    .option('-w, --watch', `show it anew whenever it has changed, ${until}; with --json one JSON a line`)
    .option('--interval <time>', 'with --watch: how often the server is asked (2s)', duration);

/** How often the server is asked; undefined: once. Errors: `invalid`. */
export function intervalOf({ watch, interval }: WatchFlags): number | undefined {
  if (interval !== undefined && !watch)
    throw new QgjobError('invalid', '--interval: it says how often --watch asks; add --watch');
  if (interval !== undefined && interval < leastMs)
    throw new QgjobError('invalid', '--interval: at least 500ms');
  return watch ? (interval ?? defaultMs) : undefined;
}

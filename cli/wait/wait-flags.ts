import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { duration } from '../options.ts';

/** Flags of a command that makes runs and may wait for them. */
export interface WaitFlags {
  readonly wait?: true;
  /** In ms. */
  readonly timeout?: number;
  readonly json?: true;
}

const { success, failed, waitTimedOut } = exitCodes;

export const addWait = (command: Command): Command =>
  command
    .option('--json', 'print {"run", "jobs"} on one line; with --wait then as `qgjob wait --json`')
    .option(
      '--wait',
      `print each verdict and a summary; exit ${success} when all passed, ${failed} when not, ${waitTimedOut} when timed out`,
    )
    .option('--timeout <time>', 'of the wait, like 30m; a bare number is seconds', duration);

/** Refuses `--timeout` without `--wait`: it would do nothing. Errors: `invalid`. */
export function refuseTimeoutAlone({ timeout, wait }: WaitFlags, otherwise = ''): void {
  if (timeout === undefined || wait) return;
  throw new QgjobError('invalid', `--timeout is how long to wait; add --wait${otherwise}`);
}

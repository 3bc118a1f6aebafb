import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { limits, submitDefaults } from '../../protocol/limits.ts';
import { addConnection, duration, wholeNumber } from '../options.ts';
import { addSubject, type SubmitFlags } from '../submit/flags.ts';
import { submit } from '../submit/submit-tests.ts';

interface Flags extends Omit<SubmitFlags, 'wait'> {
  readonly untilFailure?: true;
  /** False: `--no-wait`. */
  readonly wait: boolean;
}

const defaultTimes = 50;

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Execute one test again and again, on devices that have nothing else to do, and say how often it fails. It gives way at the next test: every other job goes first. What fails is not retried.',
    )
    .argument('<test>', 'a test file')
    .option(
      '--times <number>',
      `how often, on each target (default ${defaultTimes}, at most ${limits.huntTimes})`,
      wholeNumber,
    )
    .option('--until-failure', 'start nothing more once it has failed');
  addSubject(command)
    .option(
      '--hold <time>',
      'once it has failed, its device stays as it is for you, for so long, like 10m',
      duration,
    )
    .option(
      '--test-timeout <time>',
      `for each execution (default ${submitDefaults.timeoutMs / 60_000}m)`,
      duration,
    )
    .option(
      '--queue-timeout <time>',
      `until a device has taken the last one (default ${submitDefaults.queueTimeoutMs / 3_600_000}h)`,
      duration,
    )
    .option('--no-wait', 'do not wait for the end: print the ids')
    .option('--timeout <time>', 'of the wait, like 30m; a bare number is seconds', duration)
    .option('--json', 'print {"run", "jobs"} on one line, then as `qgjob wait --json`');

  addConnection(command).action(async (test: string, flags: Flags) => done(await hunt(test, flags)));
}

function hunt(test: string, { untilFailure, wait, times = defaultTimes, ...flags }: Flags): Promise<number> {
  if (times < 1 || times > limits.huntTimes)
    throw new QgjobError('invalid', `--times: from 1 to ${limits.huntTimes}`);
  return submit({
    ...flags,
    ...{ test: [test], times },
    ...(untilFailure && { maxFailures: 1 }),
    ...(wait && { wait: true }),
  });
}

import { type Command, Option } from 'commander';
import { submitDefaults } from '../../protocol/limits.ts';
import { frameworks } from '../../protocol/states.ts';
import { collect, duration, wholeNumber } from '../options.ts';
import { addWait } from '../wait/wait-flags.ts';

const { target, priority, maxRetries, retryFailedTests, timeoutMs, queueTimeoutMs } = submitDefaults;

/** What is tested, on which devices. */
export const addSubject = (command: Command): Command =>
  command
    .option('--app-version-id <id>', 'the app version to test')
    .option('--test <path>', 'a test file or a quoted glob; repeat it, or separate by commas', collect)
    .option('--org-id <id>', 'the org; by default the one that the token belongs to')
    .option(
      '--target <target>',
      `emulator, device or browserstack, or with a pool: device/pixel-8 (default ${target})`,
      collect,
    )
    .option('--allow-no-device', 'queue also for a target that no device has ever offered, and wait for one')
    .addOption(
      new Option('--framework <name>', 'what runs the tests, else the agent decides').choices(frameworks),
    )
    .option('--source <kind>', 'where the tests come from: workspace, the folder of the agent')
    .addOption(new Option('--app <file>').hideHelp());

/** How urgent it is, and what happens when it does not go well. */
export const addRules = (command: Command): Command =>
  command
    .option(
      '--priority <priority>',
      `1 to 10, 10 is the most urgent; or low, medium, high (default ${priority})`,
    )
    .option(
      '--max-retries <number>',
      `more tries after a trouble of device or host (default ${maxRetries})`,
      wholeNumber,
    )
    .option(
      '--retry-failed-tests <number>',
      `more tries after a failed test (default: --max-retries where given, else ${retryFailedTests})`,
      wholeNumber,
    )
    .option('--test-timeout <time>', `for each test (default ${timeoutMs / 60_000}m)`, duration)
    .option(
      '--queue-timeout <time>',
      `until a device takes it (default ${queueTimeoutMs / 3_600_000}h)`,
      duration,
    );

/** What the command does with it. */
export const addWays = (command: Command): Command =>
  addWait(command.option('--dry-run', 'print what would be submitted; needs no server'));

import { type Command, Option } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import { submitDefaults } from '../../protocol/limits.ts';
import { type Framework, frameworks } from '../../protocol/states.ts';
import { targetKinds } from '../../protocol/targets.ts';
import type { ConnectionFlags } from '../config.ts';
import { collect, duration, wholeNumber } from '../options.ts';
import { addWait, refuseTimeoutAlone, type WaitFlags } from '../wait/wait-flags.ts';

const sources = ['bundle', 'workspace', 'git'] as const;
/** Where the test code comes from. */
export type SourceKind = (typeof sources)[number];

/** The flags of `qgjob submit` as commander returns them. Durations in ms. */
export interface SubmitFlags extends ConnectionFlags, WaitFlags {
  readonly orgId?: string;
  readonly appVersionId?: string;
  readonly test?: readonly string[];
  readonly target?: readonly string[];
  readonly allowNoDevice?: true;
  readonly priority?: string;
  readonly maxRetries?: number;
  readonly retryFailedTests?: number;
  readonly maxFailures?: number;
  readonly failOn?: 'any' | 'new';
  readonly branch?: string;
  readonly base?: string;
  readonly repository?: string;
  readonly hold?: number;
  /** Of a hunt. */
  readonly times?: number;
  readonly testTimeout?: number;
  readonly queueTimeout?: number;
  readonly framework?: Framework;
  readonly source?: SourceKind;
  readonly param?: readonly string[];
  readonly grep?: string;
  readonly app?: string;
  readonly dryRun?: true;
}

const { target, priority, maxRetries, retryFailedTests, timeoutMs, queueTimeoutMs } = submitDefaults;

export const addTests = (command: Command): Command =>
  command.option('--test <path>', 'a test file or a quoted glob; repeat it, or separate by commas', collect);

/** What is tested, and on which devices. */
export const addSubject = (command: Command): Command =>
  command
    .option('--app-version-id <id>', 'the app version to test')
    .option(
      '--app <file>',
      'its build (APK, App Bundle or IPA), uploaded once; without --app-version-id the version is <commit>-<12 digits of its sha256>',
    )
    .option('--org-id <id>', 'the org; by default the one that the token belongs to')
    .option(
      '--target <target>',
      `${targetKinds}, or with a pool: device/pixel-8 (default ${target})`,
      collect,
    )
    .option('--allow-no-device', 'queue also for a target that no device has ever offered, and wait for one')
    .addOption(
      new Option('--framework <name>', 'what runs the tests, else the agent decides').choices(frameworks),
    )
    .addOption(
      new Option(
        '--source <kind>',
        'where the tests come from: bundle, the files of this folder; git, its commit, which agents fetch; workspace, the folder of the agent (default bundle)',
      ).choices(sources),
    )
    .option('--param <NAME=text>', 'a value for the tests, as QGJOB_PARAM_NAME; repeat it', collect)
    .option('--grep <expression>', 'run the tests whose title matches; needs the framework playwright');

/** Priority, retries and time limits. */
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
    .option(
      '--max-failures <number>',
      'start nothing more of the run once so many jobs have failed',
      wholeNumber,
    )
    .addOption(
      new Option(
        '--fail-on <failures>',
        'any failed test fails the run, or only a new one: one that does not fail on --base too (default any)',
      ).choices(['any', 'new']),
    )
    .option(
      '--branch <name>',
      'the branch that is tested; what fails on it is known to runs with this --base',
    )
    .option('--base <name>', 'the branch whose failures are known ones')
    .option('--repository <name>', 'tells branches of several repositories apart; the same in each submit')
    .option(
      '--hold <time>',
      'after a failed test its device stays as it is for you, for so long, like 10m; one device at a time',
      duration,
    )
    .option('--test-timeout <time>', `for each test (default ${timeoutMs / 60_000}m)`, duration)
    .option(
      '--queue-timeout <time>',
      `until a device takes it (default ${queueTimeoutMs / 3_600_000}h)`,
      duration,
    );

/** What the command does: print, submit or wait. */
export const addModes = (command: Command): Command =>
  addWait(command.option('--dry-run', 'print what would be submitted; needs no server'));

export const sourceOf = (flags: SubmitFlags): SourceKind => flags.source ?? 'bundle';

/** Refuses missing flags. Errors: `invalid`. */
export function refuseFlags(flags: SubmitFlags): void {
  const { appVersionId, app } = flags;
  if (!appVersionId && !app)
    throw refusal('--app-version-id is missing; name the app version to test, or its build with --app');
  refuseTimeoutAlone(flags, ', or limit each test with --test-timeout');
}

const refusal = (message: string): QgjobError => new QgjobError('invalid', message);

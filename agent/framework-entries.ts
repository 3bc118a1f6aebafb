import * as z from 'zod';

/** Of a file or folder. */
export const path = z.string().min(1).max(4096);
/** One word of a command line. */
export const word = z.string().refine((item) => !item.includes('\0'), 'must not hold a NUL character');

/** A program and its words. */
export const Argv = z
  .tuple([word.min(1, 'the program must not be empty')], word)
  .describe(
    'A program and its words; no shell. {test} {app} {device} {device_dir} {artifacts} {junit} are filled in',
  );

const Uses = z
  .array(z.string().min(1).max(100))
  .max(20)
  .default([])
  .describe(
    'Things that this host has once and that these tests take for themselves, by names of your own (`licence`): leases that use the same one run one after the other, also those of other agents on this host',
  );

const install = Argv.refine(
  (argv) => !argv.some((item) => /\{(?:test|junit)\}/.test(item)),
  'an install knows no {test} and no {junit}: it runs once for many tests',
).optional();

const Command = z.strictObject({
  install: install.describe('Program and words that install the app; run once per app version and device'),
  test: Argv.describe('Program and words that run one test file'),
  batch: Argv.refine((argv) => argv.includes('{tests}'), 'needs the word {tests}')
    .optional()
    .describe(
      'Program and words that run the test files `{tests}` of a lease in one process and leave one JUnit file at `{junit}`',
    ),
  uses: Uses,
});

const ofPlaywright = (configName: string) => ({
  config: path.optional().describe(`In the workspace; default: the nearest \`${configName}\` above the test`),
  project: z.string().min(1).optional().describe('The one project to run; default: all'),
  blob_report: z
    .boolean()
    .default(true)
    .describe(
      'Whether each file leaves a blob report, of which the Action and `qgjob report` make one HTML report of the run',
    ),
  uses: Uses,
});

const Playwright = z.strictObject(ofPlaywright('playwright.config'));
const Appwright = z.strictObject({
  ...ofPlaywright('appwright.config'),
  project: z.string().min(1).describe('The project to run: AppWright runs one at a time'),
});
const Mobilewright = z.strictObject(ofPlaywright('mobilewright.config'));

const Webdriverio = z.strictObject({
  config: path.optional().describe('In the workspace; default: the nearest `wdio.conf` above the test'),
  session: z
    .enum(['lease', 'file'])
    .default('lease')
    .describe('Whether the files of a lease share one process and session, or each has its own'),
  uses: Uses,
});

const Detox = z.strictObject({
  configuration: z
    .string()
    .regex(/^[\w.-]+$/, 'must be a name')
    .optional()
    .describe('The configuration of Detox to run; default: the one that is selected there, or the only one'),
  config: path
    .optional()
    .describe('In the workspace; default: the nearest configuration of Detox above the test'),
  jest_config: path
    .optional()
    .describe('In the workspace; default: the one that the configuration of Detox names'),
  install: install.describe(
    'Program and words that install the app; run once per app version and device. Default: Detox installs it, as often',
  ),
  uses: Uses,
});

const Maestro = z.strictObject({
  program: path.optional().describe('The Maestro CLI; default: `maestro` on the PATH'),
  without_app: z
    .boolean()
    .default(false)
    .describe('Whether flows of an app version without a file run on the app that is on the device'),
  uses: Uses,
});

/** `frameworks` of the settings. */
export const FrameworkEntries = z
  .strictObject({
    default: z
      .enum(['playwright', 'mobilewright', 'appwright', 'webdriverio', 'detox', 'maestro', 'command'])
      .default('playwright')
      .describe('For jobs that name none'),
    playwright: Playwright.default({ blob_report: true, uses: [] }),
    mobilewright: Mobilewright.default({ blob_report: true, uses: [] }),
    appwright: Appwright.optional(),
    webdriverio: Webdriverio.default({ session: 'lease', uses: [] }),
    detox: Detox.default({ uses: [] }),
    maestro: Maestro.prefault({}),
    command: Command.optional(),
  })
  .superRefine((frameworks, context) => {
    const name = frameworks.default;
    if (frameworks[name] === undefined)
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `is missing, and frameworks.default says ${name}`,
      });
  });

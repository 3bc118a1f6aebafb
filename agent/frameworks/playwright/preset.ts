import { randomUUID } from 'node:crypto';
import { accessSync, constants, copyFileSync, existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { FrameworkSettings } from '../../config-shape.ts';
import { packageRoot } from '../../package-root.ts';
import type { BatchListener, BatchRequest, BatchTest } from '../batch.ts';
import type { BatchPreset, ServeProgram, TestGroup } from '../preset.ts';
import { type Channel, findPlaywrightConfig, generateConfig } from './generate-config.ts';
import { mayServe } from './may-serve.ts';
import { type PlaywrightParts, PlaywrightProcess } from './playwright-process.ts';
import { selectTests } from './select-tests.ts';
import { translationsIn } from './translation-cache.ts';

type Settings = FrameworkSettings['playwright'];

/** Runs files of a suite with the Playwright Test that the suite itself has installed, all files in one process. */
export function playwrightPreset(settings: Settings): BatchPreset {
  return {
    name: 'playwright',
    // Playwright ends its tests with their evidence at SIGINT, but not at SIGTERM.
    ownSignal: 'SIGINT',
    knowsGrep: true,
    group: (root, tests) => groupByConfig(settings, root, tests),
    serves: (root, testPath, path) => serves(settings, root, testPath, path),
    open: (request, listener) => open(settings, request, listener),
  };
}

/** Files of one configuration run together, but whole files not beside selected tests: the selection is the run's. */
function groupByConfig(settings: Settings, root: string, tests: readonly BatchTest[]): TestGroup[] {
  const keyOf = ({ testPath, only }: BatchTest): string =>
    `${only !== undefined} ${configOf(settings, root, testPath) ?? ''}`;
  return [...Map.groupBy(tests, keyOf).values()].map((group) => {
    const problem = whyNot(settings, root, group[0]?.testPath ?? '');
    return { tests: group, ...(problem && { rejected: problem }) };
  });
}

const configOf = (settings: Settings, root: string, testPath: string): string | undefined =>
  settings.config ? join(root, settings.config) : findPlaywrightConfig(root, testPath);

function serves(
  settings: Settings,
  root: string,
  testPath: string,
  path: string | undefined,
): ServeProgram | undefined {
  // Playwright knows files by their real paths.
  const own = configOf(settings, realpathSync(root), testPath);
  if (own === undefined || !mayServe(own)) return undefined;
  return { own, program: programOf(dirname(own), path) };
}

/** What is missing on the host, or in the source. */
function whyNot(settings: Settings, root: string, testPath: string): string | undefined {
  const own = configOf(settings, root, testPath);
  if (own !== undefined && !existsSync(own)) return `${own}${missingConfig}`;
  const folder = own === undefined ? root : dirname(own);
  return findCli(folder) === undefined
    ? `@playwright/test is not installed in ${folder}${missingPackage}`
    : undefined;
}

const missingConfig = " is not there; frameworks.playwright.config in the agent's configuration names it";
const missingPackage =
  ': it comes with the packages of a lock file beside the configuration or above it (for a workspace: run npm ci there)';

function open(settings: Settings, request: BatchRequest, listener: BatchListener): PlaywrightProcess {
  // Playwright knows files by their real paths.
  const root = realpathSync(request.root);
  const own = configOf(settings, root, request.tests[0]?.testPath ?? '');
  const folder = own === undefined ? root : dirname(own);
  const files = new Map(request.tests.map((test) => [join(root, test.testPath), test]));
  const channel = channelOf(request, files);
  const config = generateConfig(folder, own, {
    id: request.id,
    channel,
    servers: request.servers,
    blob:
      settings.blob_report && canBlob(folder)
        ? join(request.artifacts, 'qgjob-blob', `${request.id}.zip`)
        : undefined,
    ...copyHooks(request.folder),
  });
  const selection = selectTests(request);
  const parts: PlaywrightParts = {
    command: {
      argv: [
        ...programOf(folder, request.env.PATH),
        'test',
        ...[...files.keys()].map(exactPath),
        ...['--config', config.path],
        ...(settings.project === undefined ? [] : ['--project', settings.project]),
        ...(request.grep === undefined ? [] : [`--grep=${request.grep}`]),
        // In the command too: a project's own setting wins over the configuration's.
        ...['--workers=1', '--retries=0', '--output', selection.output],
        ...selection.argv,
      ],
      cwd: dirname(config.path),
      env: {
        ...(request.isOwnCopy && translationsIn(request.folder)),
        ...request.env,
        ...selection.env,
        ...reportsIn(request.artifacts),
      },
    },
    config,
    channel,
    root,
    files: new Map(
      [...files].map(([path, { testPath, only }]) => [path, { testPath, selected: only?.length }]),
    ),
  };
  return new PlaywrightProcess(parts, listener);
}

/** Playwright has the reporter `blob` since 1.37. */
function canBlob(folder: string): boolean {
  try {
    const { version } = createRequire(join(folder, 'qgjob.js'))('@playwright/test/package.json') as {
      version: string;
    };
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return major > 1 || minor >= 37;
  } catch {
    return false;
  }
}

const reportsIn = (artifacts: string): Record<string, string> => ({
  PLAYWRIGHT_HTML_OPEN: 'never',
  PLAYWRIGHT_HTML_OUTPUT_DIR: join(artifacts, 'playwright-report'),
});

function channelOf({ folder }: BatchRequest, files: ReadonlyMap<string, BatchTest>): Channel {
  const asked = [...files].flatMap(([path, { only }]) => (only === undefined ? [] : [[path, only]]));
  return {
    nonce: randomUUID(),
    control: join(folder, 'orders'),
    worker: join(folder, 'worker'),
    only: Object.fromEntries(asked),
  };
}

/** In the lease's own folder, where the user that the tests run as can read them. */
function copyHooks(folder: string): { readonly reporter: string; readonly worker: string } {
  const [reporter, worker] = [join(folder, 'reporter.cjs'), join(folder, 'obey.cjs')];
  const from = join(packageRoot(), 'agent/frameworks/playwright');
  copyFileSync(join(from, 'reporter.cjs'), reporter);
  copyFileSync(join(from, 'worker.cjs'), worker);
  return { reporter, worker };
}

/**
 * The suite's own Playwright on the node that the suite would find: an old Playwright hangs on a Node that is newer than
 * it, such as the agent's own may be.
 */
function programOf(folder: string, path = ''): string[] {
  const node = path
    .split(delimiter)
    .map((one) => join(one, 'node'))
    .find(isExecutable);
  return [node ?? process.execPath, findCli(folder) ?? '@playwright/test'];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findCli(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'qgjob.js')).resolve('@playwright/test/cli');
  } catch {
    return undefined;
  }
}

/**
 * Playwright reads a file argument as a regular expression on absolute paths: this one matches that file alone. The
 * slashes around it make it case-sensitive.
 */
export const exactPath = (file: string): string =>
  `/^${file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('\n', '\\n')}$/`;

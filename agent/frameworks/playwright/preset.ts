import { randomUUID } from 'node:crypto';
import { constants, copyFileSync, existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from '../../children/run-child.ts';
import { packageRoot } from '../../package-root.ts';
import type { BatchListener, BatchRequest, BatchTest } from '../batch.ts';
import { byNpx } from '../find-program.ts';
import type { BatchPreset, ServeProgram, TestGroup, TestRequest } from '../preset.ts';
import { findPackage, findRunner, programOf } from './find-runner.ts';
import { type Channel, findConfig, generateConfig } from './generate-config.ts';
import { mayServe } from './may-serve.ts';
import type { Member } from './member.ts';
import { type PlaywrightParts, PlaywrightProcess } from './playwright-process.ts';
import { selectTests } from './select-tests.ts';
import { translationsIn } from './translation-cache.ts';

/** Runs files of a suite with the Playwright Test that the suite itself has installed, all files in one process. */
export function playwrightPreset(member: Member): BatchPreset {
  return {
    name: member.name,
    // Playwright ends its tests with their evidence at SIGINT, but not at SIGTERM.
    ownSignal: 'SIGINT',
    uses: member.settings.uses,
    knowsGrep: true,
    installsItself: member.installsItself,
    drives: member.drives,
    group: (root, tests) => groupByConfig(member, root, tests),
    serves: (root, testPath, path) => serves(member, root, testPath, path),
    byHand: (request) => (member.adapt ? undefined : byHand(member, request)),
    open: (request, listener) => open(member, request, listener),
  };
}

/** Files of one configuration run together, but whole files not beside selected tests: the selection is the run's. */
function groupByConfig(member: Member, root: string, tests: readonly BatchTest[]): TestGroup[] {
  const keyOf = ({ testPath, only }: BatchTest): string =>
    `${only !== undefined} ${configOf(member, root, testPath) ?? ''}`;
  return [...Map.groupBy(tests, keyOf).values()].map((group) => {
    const problem = whyNot(member, root, group[0]?.testPath ?? '');
    return { tests: group, ...(problem && { rejected: problem }) };
  });
}

const configOf = ({ settings, configName }: Member, root: string, testPath: string): string | undefined =>
  settings.config ? join(root, settings.config) : findConfig(root, testPath, configName);

function serves(
  member: Member,
  root: string,
  testPath: string,
  path: string | undefined,
): ServeProgram | undefined {
  // Playwright knows files by their real paths.
  const own = configOf(member, realpathSync(root), testPath);
  if (own === undefined || !mayServe(own)) return undefined;
  return { own, program: programOf(findRunner(dirname(own), member.package), path) };
}

/** What is missing on the host, or in the source. */
function whyNot(member: Member, root: string, testPath: string): string | undefined {
  const own = configOf(member, root, testPath);
  if (own !== undefined && !existsSync(own))
    return `${own} is not there; frameworks.${member.name}.config in the agent's configuration names it`;
  const folder = own === undefined ? root : dirname(own);
  if (own === undefined && member.adapt)
    return `there is no ${member.configName}.ts (or .js, .mjs) beside ${testPath} or above it`;
  return findRunner(folder, member.package) === undefined
    ? `${member.package} is not installed in ${folder}${missingPackage}`
    : undefined;
}

const missingPackage =
  ': it comes with the packages of a lock file beside the configuration or above it (for a workspace: run npm ci there)';

function open(member: Member, request: BatchRequest, listener: BatchListener): PlaywrightProcess {
  // Playwright knows files by their real paths.
  const root = realpathSync(request.root);
  const own = configOf(member, root, request.tests[0]?.testPath ?? '');
  const folder = own === undefined ? root : dirname(own);
  const runner = findRunner(folder, member.package);
  const { settings } = member;
  const files = new Map(request.tests.map((test) => [join(root, test.testPath), test]));
  const channel = channelOf(request, files, settings.blob_report ? root : undefined);
  const config = generateConfig(folder, own, {
    id: request.id,
    channel,
    servers: request.servers,
    testModule: runner?.testModule,
    adapt: adaptation(member, folder, request),
    ...copyHooks(request.folder),
  });
  const selection = selectTests(request);
  const parts: PlaywrightParts = {
    command: {
      argv: [
        ...programOf(runner, request.env.PATH),
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
        ...member.env?.(request.folder),
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

/** With the suite's own configuration and reporters. npx finds its Playwright once its packages are there. */
function byHand(member: Member, request: TestRequest): Command {
  const { root, testPath, grep, artifacts, env } = request;
  const { project } = member.settings;
  const real = existsSync(root) ? realpathSync(root) : root;
  const own = configOf(member, real, testPath);
  return {
    argv: [
      ...[...byNpx('playwright'), 'test', exactPath(join(real, testPath))],
      ...(own === undefined ? [] : ['--config', own]),
      ...(project === undefined ? [] : ['--project', project]),
      ...(grep === undefined ? [] : [`--grep=${grep}`]),
      ...['--workers=1', '--retries=0', '--output', join(artifacts, 'test-results')],
    ],
    cwd: own === undefined ? real : dirname(own),
    env: { ...env, PLAYWRIGHT_HTML_OPEN: 'never' },
  };
}

const reportsIn = (artifacts: string): Record<string, string> => ({
  PLAYWRIGHT_HTML_OPEN: 'never',
  PLAYWRIGHT_HTML_OUTPUT_DIR: join(artifacts, 'playwright-report'),
});

/** `blobRoot`: what the paths in blob reports are relative to; undefined: none are left. */
function channelOf(
  { folder, artifacts, id }: BatchRequest,
  files: ReadonlyMap<string, BatchTest>,
  blobRoot: string | undefined,
): Channel {
  const asked = [...files].flatMap(([path, { only }]) => (only === undefined ? [] : [[path, only]]));
  return {
    nonce: randomUUID(),
    control: join(folder, 'orders'),
    worker: join(folder, 'worker'),
    only: Object.fromEntries(asked),
    ...(blobRoot && {
      blobs: {
        prefix: join(artifacts, 'qgjob-blob', id),
        files: [...files.keys()],
        artifacts,
        root: blobRoot,
      },
    }),
  };
}

/** With the member's own hook in the folder of the process. */
function adaptation(member: Member, folder: string, request: BatchRequest): string | undefined {
  const hook = member.hook === undefined ? '' : copyHook(member.hook, request.folder);
  return member.adapt?.(request, { hook, home: findPackage(folder, member.package) ?? '' });
}

/** In the lease's own folder, where the user that the tests run as can read them. */
function copyHooks(folder: string): { readonly reporter: string; readonly worker: string } {
  copyHook('blobs.cjs', folder);
  return { reporter: copyHook('reporter.cjs', folder), worker: copyHook('worker.cjs', folder) };
}

function copyHook(name: string, folder: string): string {
  const to = join(folder, name);
  // Web servers of the suite may run by now: a link that one put there is not followed.
  copyFileSync(join(packageRoot(), 'agent/frameworks/playwright', name), to, constants.COPYFILE_EXCL);
  return to;
}

/**
 * Playwright reads a file argument as a regular expression on absolute paths: this one matches that file alone. The
 * slashes around it make it case-sensitive.
 */
export const exactPath = (file: string): string =>
  `/^${file.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('\n', '\\n')}$/`;

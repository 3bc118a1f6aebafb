import { createHash, randomUUID } from 'node:crypto';
import { constants, copyFileSync, existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { FrameworkSettings } from '../../config-shape.ts';
import { packageRoot } from '../../package-root.ts';
import { readSubmitted } from '../../read-submitted.ts';
import type { BatchListener, BatchRequest, BatchTest } from '../batch.ts';
import { byNpx, findAbove, programOn } from '../find-program.ts';
import { installCommand } from '../install-command.ts';
import { findPackage } from '../playwright/find-runner.ts';
import type { BatchPreset, TestGroup } from '../preset.ts';
import type { OutsideFile } from '../request.ts';
import { ToldProcess } from '../told/told-process.ts';

type Settings = FrameworkSettings['detox'];

/** Runs test files with the Detox and the Jest that the suite itself has installed, all in one process, with one install. */
export function detoxPreset(settings: Settings): BatchPreset {
  const { install, uses } = settings;
  return {
    name: 'detox',
    // To its group: it runs Jest by a shell, and leaves it behind otherwise.
    ownSignal: 'SIGINT',
    drives: { needsPhone: true, clouds: false, sets: false, needsFile: 'registered' },
    endsWhole: true,
    knowsGrep: true,
    installsItself: true,
    uses,
    ...(install && { install: installCommand(install) }),
    group: (root, tests) => group(settings, root, tests),
    open: (request, listener) => open(settings, request, listener),
  };
}

/** As Detox looks for it; the last one only where it has a part for Detox. */
const configNames = [
  '.detoxrc.cjs',
  '.detoxrc.js',
  '.detoxrc.json',
  '.detoxrc',
  'detox.config.cjs',
  'detox.config.js',
  'detox.config.json',
];

/** The suite's own configuration: the nearest one above the test. */
function configOf({ config }: Settings, root: string, testPath: string): string | undefined {
  if (config !== undefined) return join(root, config);
  for (let folder = dirname(join(root, testPath)); ; folder = dirname(folder)) {
    const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (hasPart(join(folder, 'package.json'))) return join(folder, 'package.json');
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}

function hasPart(path: string): boolean {
  try {
    return (JSON.parse(readSubmitted(path) ?? '{}') as { detox?: unknown }).detox !== undefined;
  } catch {
    return false;
  }
}

function group(settings: Settings, root: string, tests: readonly BatchTest[]): TestGroup[] {
  const byConfig = Map.groupBy(tests, ({ testPath }) => configOf(settings, root, testPath));
  return [...byConfig].map(([own, some]) => {
    const rejected = whyNot(own);
    return { tests: some, ...(rejected && { rejected }) };
  });
}

const named = "frameworks.detox.config in the agent's configuration names it";

/** What is missing in the source, or on the host. */
function whyNot(own: string | undefined): string | undefined {
  if (own === undefined) return `there is no configuration of Detox above the test; ${named}`;
  if (!existsSync(own)) return `${own} is not there; ${named}`;
  for (const name of ['detox', 'jest'])
    if (findPackage(dirname(own), name) === undefined)
      return `${name} is not installed in ${dirname(own)}: npm install --save-dev ${name} adds it to the suite`;
  return undefined;
}

function open(settings: Settings, request: BatchRequest, listener: BatchListener): ToldProcess {
  const root = realpathSync(request.root);
  const own = configOf(settings, root, request.tests[0]?.testPath ?? '') ?? root;
  const files = new Map(request.tests.map(({ testPath }) => [realpathSync(join(root, testPath)), testPath]));
  const nonce = randomUUID();
  const control = join(request.folder, 'orders');
  copyParts(request.folder, {
    nonce,
    control,
    files: [...files.keys()],
    own,
    configuration: settings.configuration,
    jest: settings.jest_config && join(root, settings.jest_config),
    grep: request.grep,
    serial: request.env.QGJOB_DEVICE_UDID,
    installed: settings.install ? '' : markOf(settings, request),
  });
  const config = generateConfig(own, request);
  return new ToldProcess(
    {
      command: {
        argv: argvOf(settings, own, config, request),
        cwd: dirname(own),
        env: { ...request.env, ...withPrograms(dirname(own), request.env.PATH) },
      },
      outside: [config],
      nonce,
      control,
      files,
    },
    listener,
  );
}

function argvOf(
  { configuration }: Settings,
  own: string,
  config: OutsideFile,
  request: BatchRequest,
): string[] {
  const home = findPackage(dirname(own), 'detox');
  const node = programOn(request.env.PATH) ?? process.execPath;
  return [
    ...(home === undefined ? byNpx('detox') : [node, join(home, 'local-cli/cli.js')]),
    'test',
    ...['--config-path', config.path],
    ...(configuration === undefined ? [] : ['--configuration', configuration]),
    // Otherwise it installs the app for each file: see install.cjs.
    '--reuse',
    // Without the slash it would add a folder with the time.
    ...['--artifacts-location', `${join(request.artifacts, 'detox')}/`],
    ...['--take-screenshots', 'failing', '--record-logs', 'failing'],
    // In the command too: Jest's own setting may be in the suite's.
    ...['--maxWorkers', '1'],
  ];
}

/** It runs Jest by its name. */
function withPrograms(folder: string, path = ''): Record<string, string> {
  const jest = findAbove('', folder, ['node_modules/.bin/jest']);
  return jest === undefined ? {} : { PATH: `${dirname(jest)}${delimiter}${path}` };
}

/** Beside the suite's own, so that relative paths mean the same. */
const generateConfig = (own: string, { id, folder }: BatchRequest): OutsideFile => ({
  path: join(dirname(own), `.qgjob.${id}.config.cjs`),
  text: `// Written by the qgjob agent for one process, and removed after it.
module.exports = require(${JSON.stringify(join(folder, 'detox.config.cjs'))});
`,
});

/** The folder of the device lives as long as the app that is on it. */
function markOf({ configuration = '' }: Settings, { deviceDir }: BatchRequest): string {
  const name = createHash('sha256').update(configuration).digest('hex').slice(0, 16);
  return join(deviceDir, `detox-installed-${name}`);
}

/**
 * In the lease's own folder, where the user that the tests run as can read them. See tell.cjs for the channel. Nothing is
 * written through what an earlier program of the lease put there.
 */
function copyParts(folder: string, channel: object): void {
  const from = join(packageRoot(), 'agent/frameworks/detox');
  for (const name of readdirSync(from).filter((one) => one.endsWith('.cjs')))
    copyFileSync(join(from, name), join(folder, name), constants.COPYFILE_EXCL);
  writeFileSync(join(folder, 'channel.json'), JSON.stringify(channel), { flag: 'wx' });
}

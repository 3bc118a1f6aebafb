import { randomUUID } from 'node:crypto';
import { constants, copyFileSync, existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FrameworkSettings } from '../../config-shape.ts';
import { packageRoot } from '../../package-root.ts';
import type { BatchListener, BatchRequest, BatchTest } from '../batch.ts';
import { byNpx, findAbove, programOn } from '../find-program.ts';
import { findPackage } from '../playwright/find-runner.ts';
import type { BatchPreset, TestGroup } from '../preset.ts';
import { ToldProcess } from '../told/told-process.ts';
import { type Channel, configNames, generateConfig } from './generate-config.ts';

type Settings = FrameworkSettings['webdriverio'];

/** Runs specs with the WebdriverIO and the Mocha that the suite itself has installed: all files in one worker and session. */
export function webdriverioPreset(settings: Settings): BatchPreset {
  return {
    name: 'webdriverio',
    // At SIGTERM the launcher deletes the session; worker.cjs keeps the worker for that.
    ownSignal: 'SIGTERM',
    // Appium takes the address of an app; several devices are a multiremote configuration's.
    drives: { needsPhone: false, clouds: true, sets: true, needsFile: 'never' },
    uses: settings.uses,
    endsWhole: true,
    knowsGrep: true,
    group: (root, tests) => group(settings, root, tests),
    open: (request, listener) => open(settings, request, listener),
  };
}

function group(settings: Settings, root: string, tests: readonly BatchTest[]): TestGroup[] {
  const groups =
    settings.session === 'file'
      ? tests.map((test) => [test])
      : [...Map.groupBy(tests, ({ testPath }) => configOf(settings, root, testPath)).values()];
  return groups.map((some) => {
    const rejected = whyNot(settings, root, some[0]?.testPath ?? '');
    return { tests: some, ...(rejected && { rejected }) };
  });
}

/** The suite's own configuration: the nearest one above the test. */
const configOf = (settings: Settings, root: string, testPath: string): string | undefined =>
  settings.config ? join(root, settings.config) : findAbove(root, dirname(join(root, testPath)), configNames);

/** What is missing in the source, or on the host. */
function whyNot(settings: Settings, root: string, testPath: string): string | undefined {
  const own = configOf(settings, root, testPath);
  if (own === undefined)
    return `there is no wdio.conf above ${testPath}; frameworks.webdriverio.config in the agent's configuration names it`;
  if (!existsSync(own))
    return `${own} is not there; frameworks.webdriverio.config in the agent's configuration names it`;
  for (const name of ['cli', 'local-runner', 'mocha-framework'])
    if (findPackage(dirname(own), `@wdio/${name}`) === undefined)
      return `@wdio/${name} is not installed in ${dirname(own)}: npm install --save-dev @wdio/${name} adds it to the suite`;
  return undefined;
}

function open(settings: Settings, request: BatchRequest, listener: BatchListener): ToldProcess {
  // Mocha knows files by the paths that it is given, and Node by their real ones.
  const root = realpathSync(request.root);
  const own = configOf(settings, root, request.tests[0]?.testPath ?? '') ?? root;
  const files = new Map(request.tests.map(({ testPath }) => [join(root, testPath), testPath]));
  const channel = channelOf(request, [...files.keys()]);
  const config = generateConfig(own, request.id, channel);
  return new ToldProcess(
    {
      command: {
        argv: [...programOf(dirname(own), request.env.PATH), 'run', config.path],
        // Where it is called by hand: plugins, and Appium's drivers, are those of the package there.
        cwd: dirname(findAbove(root, dirname(own), ['package.json']) ?? own),
        env: request.env,
      },
      outside: [config],
      nonce: channel.nonce,
      control: channel.control,
      files,
    },
    listener,
  );
}

function channelOf(
  { folder, grep, app, isInstalled, isBrowser }: BatchRequest,
  paths: readonly string[],
): Channel {
  // In the lease's own folder, where the user that the tests run as can read it.
  const [hooks, adapt] = [join(folder, 'worker.cjs'), join(folder, 'adapt-config.cjs')];
  const from = join(packageRoot(), 'agent/frameworks/webdriverio');
  for (const path of [hooks, adapt]) copyFileSync(join(from, basename(path)), path, constants.COPYFILE_EXCL);
  return {
    nonce: randomUUID(),
    control: join(folder, 'orders'),
    session: join(folder, 'session'),
    hooks,
    adapt,
    // As addresses they are exact: paths are patterns.
    specs: paths.map((path) => pathToFileURL(path).href),
    grep,
    app,
    isInstalled,
    isBrowser,
  };
}

/** The suite's own WebdriverIO on the node that the suite would find. */
function programOf(folder: string, path: string | undefined): string[] {
  const home = findPackage(folder, '@wdio/cli');
  return home === undefined
    ? byNpx('wdio')
    : [programOn(path) ?? process.execPath, join(home, 'bin/wdio.js')];
}

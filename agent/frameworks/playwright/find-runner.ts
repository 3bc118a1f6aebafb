import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { byNpx, programOn } from '../find-program.ts';
import { exportedFile } from './exported-file.ts';

/** The Playwright Test of a suite. */
export interface Runner {
  /** Absolute: its program. */
  readonly cli: string;
  /** What its tests import `test` from: the name of a package, or an absolute path. */
  readonly testModule: string;
}

/**
 * What a suite in `folder` would run its tests with. A package that brings its own Playwright is run with that one, since
 * the tests' `test` must be of the same. Undefined: it is not installed.
 */
export function findRunner(folder: string, packageName: string): Runner | undefined {
  if (packageName === '@playwright/test') return runnerIn(folder, packageName, packageName);
  const home = findPackage(folder, packageName);
  if (home === undefined) return undefined;
  return runnerIn(home, '@playwright/test') ?? runnerIn(home, 'playwright', undefined, './test');
}

function runnerIn(folder: string, name: string, testModule?: string, testName = '.'): Runner | undefined {
  const home = findPackage(folder, name);
  if (home === undefined) return undefined;
  const cli = exportedFile(home, './cli');
  const found = testModule ?? exportedFile(home, testName);
  return cli === undefined || found === undefined ? undefined : { cli, testModule: found };
}

/** The real folder of an installed package, which need not let its package.json be resolved. */
export function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return realpathSync(found);
    if (folder === dirname(folder)) return undefined;
  }
}

/**
 * The suite's own Playwright on the node that the suite would find: an old Playwright hangs on a Node that is newer than
 * it, such as the agent's own may be.
 */
export const programOf = (runner: Runner | undefined, path: string | undefined): string[] =>
  runner === undefined ? byNpx('playwright') : [programOn(path) ?? process.execPath, runner.cli];

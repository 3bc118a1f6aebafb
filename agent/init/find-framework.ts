import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Framework } from '../../protocol/states.ts';

/** The package of each framework; the first one that a folder depends on runs its tests. */
const packages: readonly (readonly [name: string, framework: Framework])[] = [
  ['mobilewright', 'mobilewright'],
  ['webdriverio', 'webdriverio'],
  ['@wdio/cli', 'webdriverio'],
  ['detox', 'detox'],
  ['@playwright/test', 'playwright'],
];

const nodeTest = {
  default: 'command' as const,
  command: {
    test: [
      ...['node', '--test'],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=junit', '--test-reporter-destination={junit}'],
      '{test}',
    ],
  },
};

/**
 * The `frameworks` of the settings for the tests of a folder, by what its package.json depends on; undefined for Playwright, which
 * is the default, and where nothing says it.
 */
export function findFramework(folder: string): object | undefined {
  if (existsSync(join(folder, '.maestro'))) return { default: 'maestro' };
  const names = dependenciesOf(folder);
  const [, framework] = packages.find(([name]) => names.includes(name)) ?? [];
  if (framework === 'playwright') return undefined;
  if (framework !== undefined) return { default: framework };
  return hasNodeTests(folder) ? nodeTest : undefined;
}

/** None without a package.json that can be read. */
function dependenciesOf(folder: string): string[] {
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})];
  } catch {
    return [];
  }
}

const testFolders = ['tests', 'test', 'e2e', '__tests__'];
const mostLookedAt = 50;

/**
 * Whether the folder has test files, and all of them are of Node itself: `node --test` loads the file of any other runner too, and
 * calls it passed.
 */
function hasNodeTests(folder: string): boolean {
  const files = testFolders
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path, { recursive: true }).map((name) => join(path, String(name))))
    .filter((path) => /\.(?:spec|test)\.[cm]?[jt]s$/.test(path))
    .slice(0, mostLookedAt);
  return files.length > 0 && files.every((file) => /['"]node:test['"]/.test(readFileSync(file, 'utf8')));
}

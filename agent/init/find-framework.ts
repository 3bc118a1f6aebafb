import { existsSync, readFileSync } from 'node:fs';
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

/** Runners that `node --test` cannot stand in for; AppWright needs the name of a project, which nothing here says. */
const otherRunners = ['appwright', 'vitest', 'jest', 'mocha', 'ava', 'tap', 'jasmine'];

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
  if (names === undefined) return undefined;
  const [, framework] = packages.find(([name]) => names.includes(name)) ?? [];
  if (framework === 'playwright') return undefined;
  if (framework !== undefined) return { default: framework };
  return otherRunners.some((name) => names.includes(name)) ? undefined : nodeTest;
}

/** Undefined without a package.json that can be read. */
function dependenciesOf(folder: string): string[] | undefined {
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})];
  } catch {
    return undefined;
  }
}

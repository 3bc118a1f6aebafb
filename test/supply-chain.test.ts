import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from './support/sources.ts';

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

const read = (file: string) => JSON.parse(readFileSync(join(projectRoot, file), 'utf8'));
const locked = Object.entries(read('package-lock.json').packages as Record<string, Locked>).filter(
  ([path]) => path !== '',
);
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

/** A work under MIT may ship what is under these. */
const free = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'CC0-1.0'];

test('what is shipped is under a licence that MIT goes with', () => {
  const shipped = locked.filter(([, { dev }]) => !dev);
  expect(shipped.length).toBeGreaterThan(20);
  expect(shipped.filter(([, { license }]) => !free.includes(license ?? '')).map(([path]) => path)).toEqual(
    [],
  );
});

test('each package of the lock file comes with the hash of its bytes', () => {
  const bare = locked.filter(([, { integrity, resolved }]) => resolved !== undefined && !integrity);
  expect(bare.map(([path]) => path)).toEqual([]);
});

test('a package whose install runs a script is named, with whether it may', () => {
  const allowed = Object.keys(read('package.json').allowScripts);
  const scripted = locked
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => nameOf(path));
  expect(scripted.filter((name) => !allowed.includes(name))).toEqual([]);
});

test('the Node that the package `node` has fetched is the one that the lock file names', () => {
  const { version } = locked.find(([path]) => path === 'node_modules/node')?.[1] ?? {};
  const file = join(projectRoot, 'node_modules/node/bin/node');
  expect(execFileSync(file, ['--version'], { encoding: 'utf8' }).trim()).toBe(`v${version}`);
});

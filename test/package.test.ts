import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { npmPack } from './support/pack.ts';
import { projectRoot } from './support/sources.ts';

const packed = npmPack();
const paths = packed.files.map(({ path }) => path);

/** The rooms that are built; the Action is in its bundle. */
const { include: rooms } = JSON.parse(readFileSync(join(projectRoot, 'tsconfig.build.json'), 'utf8'));
const programs = rooms.filter((room: string) => room !== 'action').join('|');

/** All that may be in the package. */
const kinds: Readonly<Record<string, RegExp>> = {
  'package.json': /^package\.json$/,
  licence: /^LICENSE$/,
  readme: /^README\.md$/,
  programs: new RegExp(`^build/(${programs})/.+\\.js$`),
  migrations: /^drizzle\/(\d{4}_\w+\.sql|meta\/_journal\.json)$/,
  'the Action': /^(action\.yml|dist\/(index|\d+\.index)\.js|dist\/package\.json)$/,
  'licences of what its bundle holds': /^dist\/licenses\.txt$/,
  docs: /^docs\/.+\.md$/,
  'schema of qgjob.agent.json': /^agent\/agent-config\.schema\.json$/,
  'schema of qgjob.config.json': /^cli\/qgjob-config\.schema\.json$/,
  'what runs in a suite': /^agent\/(frameworks\/\w+|serve-once)\/[\w.-]+\.cjs$/,
  'what pages load': /^server\/web\/assets\/[\w-]+\.(js|css|svg)$/,
  'units of services': /^examples\/service\/[\w.-]+\.(service|plist)$/,
  'a small host': /^deploy\/small-host\/(README\.md|Caddyfile|server\.env|qgjob-backup\.(service|timer))$/,
  Turso: /^deploy\/turso\/(README\.md|server\.env)$/,
  Kubernetes: /^deploy\/kubernetes\/((agent|keda)\/)?[\w.-]+\.(yaml|json)$/,
  watching: /^deploy\/(grafana\/qgjob\.json|prometheus\/rules\.yml)$/,
};

test('the package holds something of each of these kinds, and nothing else', () => {
  const kindOf = (path: string) => Object.entries(kinds).find(([, pattern]) => pattern.test(path))?.[0];
  expect(paths.filter((path) => kindOf(path) === undefined)).toEqual([]);
  expect([...new Set(paths.map(kindOf))].sort()).toEqual(Object.keys(kinds).sort());
  console.log(
    `the package: ${paths.length} files, ${Math.round(packed.size / 1024)} KiB packed, ${Math.round(packed.unpackedSize / 1024)} KiB unpacked`,
  );
  // A megabyte is a surprise that somebody should have to look at.
  expect(packed.size).toBeLessThan(1_500_000);
});

test('what the command starts with may be executed, and each program that it holds has a source', () => {
  expect(packed.files.find(({ path }) => path === 'build/cli/main.js')?.mode).toBe(0o755);
  const built = paths.filter((path) => path.startsWith('build/'));
  const sourceOf = (path: string) => path.replace(/^build\//, '').replace(/\.js$/, '.ts');
  const hasSource = (path: string) =>
    [sourceOf(path), `${sourceOf(path)}x`].some((source) => existsSync(join(projectRoot, source)));
  expect(built.filter((path) => !hasSource(path))).toEqual([]);
});

describe('what the programs of the package load', () => {
  const { dependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  const loaded = reach(['build/cli/main.js', 'build/server/backup/snapshot-process.js']);

  test('is in the package, or in a package that is installed with it', () => {
    expect(loaded.files.filter((path) => !paths.includes(path))).toEqual([]);
    expect(loaded.packages.filter((name) => !(name in dependencies))).toEqual([]);
  });

  test('is all that it depends on', () => {
    expect(Object.keys(dependencies).filter((name) => !loaded.packages.includes(name))).toEqual([]);
  });
});

/** As the compiler writes them; `load` is the `require` of what may not be read at every start. */
const imports =
  /^(?:import |(?:import|export|\})[^'\n]*? from )'([^'\s]+)';$|\b(?:import|load)\('([^'\s]+)'\)/gm;

/** The files and packages that these programs import, and those import in turn. */
function reach(entries: readonly string[]) {
  const files = new Set(entries);
  const packages = new Set<string>();
  for (const file of files) {
    const text = existsSync(join(projectRoot, file)) ? readFileSync(join(projectRoot, file), 'utf8') : '';
    for (const [, from, lazy] of text.matchAll(imports)) {
      const name = from ?? lazy ?? '';
      if (name.startsWith('.')) files.add(posix.join(dirname(file), name));
      else if (!name.startsWith('node:')) packages.add(packageOf(name));
    }
  }
  return { files: [...files], packages: [...packages] };
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

import { existsSync } from 'node:fs';
import { mkdir, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeNew } from '../folders.ts';
import { findInstallScripts, type NpmPackages } from '../sources/npm-packages.ts';
import { keyOf, type Note } from '../sources/package-cache.ts';
import type { SourceFailure } from '../sources/source-failure.ts';
import { npmOf } from './ask-npm.ts';
import { inNewSpace, type NewSpace } from './in-new-space.ts';
import type { LeaseWork } from './lease-work.ts';

/** Runs one command of a set-up, in the space of this work. Undefined where it worked. */
export type RunStep = (
  work: LeaseWork,
  argv: readonly string[],
  cwd: string,
) => Promise<SourceFailure | undefined>;

export interface PackagesWanted {
  /** The folder of the lock file, a real path. */
  readonly folder: string;
  /** The command that installs all of it. */
  readonly argv: readonly string[];
  readonly packages: NpmPackages;
  readonly run: RunStep;
  /** Aborts where the lease need not be set up any more. */
  readonly signal: AbortSignal;
}

/**
 * Puts packages of this host's cache into the folder of a lock file, makes them first where they are not there, and runs
 * their scripts, which may be of this source, in that folder. `without`: the lease must install them for itself, and its
 * own command says what is wrong. Errors: the reason of the signal, those of the disk.
 */
export async function usePackages(
  work: LeaseWork,
  wanted: PackagesWanted,
): Promise<'ready' | 'without' | SourceFailure> {
  const { packages, folder, run } = wanted;
  const manager = await npmOf(work, wanted.signal);
  if (manager === undefined) return 'without';
  const key = packagesKey(work, wanted, manager);
  const found = await findOrMake(work, wanted, key);
  if ('class' in found) return found.class === 'rejected' ? 'without' : found;
  if (!(await moveIn(found.copy, folder, packages.homes))) return 'without';
  for (const home of packages.homes) {
    const modules = join(folder, home, modulesName);
    if (existsSync(modules)) await work.space.give(modules);
  }
  for (const argv of stepsAfter(packages, found.note, manager)) {
    const failure = await run(work, argv, folder);
    if (failure !== undefined) return failure.class === 'stopped' ? failure : 'without';
  }
  return 'ready';
}

const modulesName = 'node_modules';

interface Found {
  readonly note: Note;
  /** A folder of the lease with the copy. */
  readonly copy: string;
}

/** All slots and agents of this host that need the same packages wait for the one that makes them. */
async function findOrMake(
  work: LeaseWork,
  wanted: PackagesWanted,
  key: string,
): Promise<Found | SourceFailure> {
  const { packages: cache } = work.agent;
  const rejected = { class: 'rejected', why: 'these packages are not kept' } as const;
  const look = async (): Promise<Found | undefined> => {
    const copy = await makeNew(work.folder, 'packages-');
    const note = await cache.copy(key, copy, wanted.signal);
    return note && { note, copy };
  };
  const there = await look();
  if (there) return there;
  const lock = await cache.lock(key, wanted.signal);
  try {
    if (cache.isRefused(key)) return rejected;
    const since = await look();
    if (since) return since;
    const failure = await inNewSpace(work, (space) => makePackages(space, wanted, key));
    if (failure?.class === 'rejected') {
      work.agent.say(`packages are not kept: ${failure.why.split('\n', 1)[0]}`);
      cache.refuse(key);
    }
    const made = failure ?? (await look());
    if (made === undefined) cache.refuse(key);
    return made ?? rejected;
  } finally {
    lock.unlock();
  }
}

/**
 * Installs packages in a folder where nothing else of the source is and nothing of it has run, without running any script, and
 * keeps them.
 */
async function makePackages(
  { work, top }: NewSpace,
  { packages, argv, run, signal }: PackagesWanted,
  key: string,
): Promise<SourceFailure | undefined> {
  for (const [path, bytes] of packages.files) {
    await mkdir(dirname(join(top, path)), { recursive: true });
    await writeFile(join(top, path), bytes);
  }
  await work.space.give(top);
  const failure = await run(work, [...argv, '--ignore-scripts'], top);
  if (failure !== undefined) return failure;
  const scripted = await findInstallScripts(top, packages);
  if (scripted === undefined) return { class: 'rejected', why: 'a package in another has scripts' };
  const folders = packages.homes.map((home) => join(home, modulesName));
  try {
    await work.agent.packages.add(key, top, folders, scripted, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { class: 'rejected', why: (error as Error).message };
  }
  return undefined;
}

/**
 * Moves copied packages to their places. False where something else is there by now, left by the scripts of another
 * lock file.
 */
async function moveIn(copy: string, folder: string, homes: readonly string[]): Promise<boolean> {
  for (const home of homes) {
    const from = join(copy, home, modulesName);
    if (!existsSync(from)) continue;
    const parent = join(folder, home);
    // A link could lead anywhere on the host.
    if ((await realpath(parent).catch(() => undefined)) !== parent) return false;
    const isMoved = await rename(from, join(parent, modulesName)).then(
      () => true,
      () => false,
    );
    if (!isMoved) return false;
  }
  return true;
}

/** What `npm ci` would have run besides. */
function stepsAfter({ linked, scripts }: NpmPackages, { scripted }: Note, manager: string): string[][] {
  if (/^ignore-scripts=true/m.test(manager)) return rebuild(linked);
  return [
    ...rebuild([...new Set([...scripted, ...linked])]),
    ...scripts.map((script) => ['npm', 'run', script]),
  ];
}

const rebuild = (names: readonly string[]): string[][] =>
  names.length > 0 ? [['npm', 'rebuild', '--', ...names]] : [];

/** Names of variables that change what npm installs. */
const ofNpm = /^(npm_config_.*|NODE_ENV)$/i;

function packagesKey({ agent }: LeaseWork, { argv, packages }: PackagesWanted, manager: string): string {
  const { isolation, childEnv } = agent.config;
  const files = [...packages.files].map(([path, bytes]) => [path, keyOf(bytes.toString('base64'))]);
  const variables = Object.entries(childEnv).filter(([name]) => ofNpm.test(name));
  // The 2: entries of before were made where scripts of the source could have been.
  return keyOf(2, manager, isolation.name, isolation.image, argv, variables.sort(), files.sort());
}

import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runGit } from '../../client/run-git.ts';
import type { FileLock } from '../../host/lock-file.ts';
import type { HostLocks } from '../resources/host-lock.ts';
import { KeptEntries } from './kept-entries.ts';
import { layOut } from './lay-out-commit.ts';
import { keyOf } from './package-cache.ts';
import type { SourceFailure } from './source-failure.ts';

/** A commit of a repository that the settings allow. */
export interface WantedCommit {
  readonly repository: string;
  /** The one by which git may talk to it. */
  readonly protocol: string;
  readonly sha: string;
}

export interface CheckOutOptions {
  /** The environment of git. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const mostBytes = 4 * 1024 ** 3;
const fetchMs = 10 * 60_000;
const lookMs = 50;

/** What a server says that does not have a commit, or does not give it out by its name. */
const noSuchCommit = /not our ref|unadvertised object|no such remote ref|couldn't find remote ref/i;
/** What is said of a repository that is not there, or that this host may not read: no other try would change that. */
const noSuchRepository =
  /not found|does not exist|does not appear to be a git repository|could not read username|authentication failed|permission denied|access denied|invalid credentials/i;

/**
 * Commits of repositories, each fetched once to this host. Tests may be able to write to what is kept, so each lease
 * fetches from there into a repository of its own: git names what arrives by its content, and finds that something is missing
 * where a file was changed. No hook and no filter is run.
 */
export class Repositories {
  readonly #folder: string;
  readonly #kept: KeptEntries;
  readonly #locks: HostLocks;

  constructor(folder: string, locks: HostLocks) {
    this.#folder = folder;
    this.#kept = new KeptEntries(folder);
    this.#locks = locks;
  }

  /** Lays the files of a commit out in `to`, a new folder; `scratch` is another one. Undefined: they are there. Errors: the reason of the signal, those of the disk. */
  async checkOut(
    wanted: WantedCommit,
    { to, scratch }: { readonly to: string; readonly scratch: string },
    options: CheckOutOptions,
  ): Promise<SourceFailure | undefined> {
    const key = keyOf(wanted.repository, wanted.sha.length);
    const lock = await this.#lock(key, options.signal);
    try {
      const failure = await this.#fetchTwice(key, wanted, scratch, options);
      if (failure !== undefined) return failure;
    } finally {
      lock.unlock();
    }
    return layOut({ repository: scratch, sha: wanted.sha, to }, options);
  }

  /** What is kept may be damaged: then all is fetched anew. */
  async #fetchTwice(
    key: string,
    wanted: WantedCommit,
    scratch: string,
    options: CheckOutOptions,
  ): Promise<SourceFailure | undefined> {
    const known = await this.#kept.find(key);
    if (known !== undefined) {
      const had = await hasCommit(join(known, 'git'), wanted, options);
      const failure = await fetchBoth(known, wanted, scratch, options);
      // A commit that does not come says nothing of those that are kept.
      if (failure === undefined || !had) return failure;
      options.signal.throwIfAborted();
      await this.#kept.remove(key);
      await rm(scratch, { recursive: true, force: true });
    }
    await this.#kept.add(key, async (part) => {
      await mkdir(join(part, 'git'));
      return true;
    });
    const failure = await fetchBoth(join(this.#folder, key), wanted, scratch, options);
    options.signal.throwIfAborted();
    await this.#kept.keepWithin(mostBytes, sizeOf);
    return failure;
  }

  async #lock(key: string, signal: AbortSignal): Promise<FileLock> {
    for (;;) {
      const lock = this.#locks.tryLock(`repository:${join(this.#folder, key)}`);
      if (lock) return lock;
      await sleep(lookMs, undefined, { signal });
    }
  }

  /** Removes what processes that are gone left unfinished. */
  clearTorn(): Promise<void> {
    return this.#kept.clearTorn();
  }
}

async function fetchBoth(
  entry: string,
  wanted: WantedCommit,
  scratch: string,
  options: CheckOutOptions,
): Promise<SourceFailure | undefined> {
  const mirror = join(entry, 'git');
  const fetched = (await hasCommit(mirror, wanted, options))
    ? undefined
    : await fetchInto(mirror, wanted, options);
  if (fetched !== undefined) return whyNot(wanted, fetched);
  const copied = await fetchInto(scratch, { ...wanted, repository: mirror, protocol: 'file' }, options);
  return copied === undefined ? undefined : whyNot(wanted, copied);
}

function whyNot({ repository, sha }: WantedCommit, failure: string): SourceFailure {
  if (noSuchCommit.test(failure))
    return { class: 'rejected', why: `${repository} has no commit ${sha} that it gives out: ${failure}` };
  if (noSuchRepository.test(failure))
    return { class: 'rejected', why: `${repository} is not there, or not for this agent: ${failure}` };
  return { class: 'infra_error', why: `${repository} could not be fetched: ${failure}` };
}

async function hasCommit(mirror: string, { sha }: WantedCommit, options: CheckOutOptions): Promise<boolean> {
  if (!existsSync(join(mirror, 'HEAD'))) return false;
  const words = ['--git-dir', mirror, 'cat-file', '-e', `${sha}^{commit}`];
  return !('failure' in (await runGit(mirror, words, options)));
}

/** The commit alone, without history, tags and submodules. Answers why it failed. */
export async function fetchInto(
  folder: string,
  { repository, protocol, sha }: WantedCommit,
  options: CheckOutOptions,
): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  const format = sha.length === 64 ? 'sha256' : 'sha1';
  const init = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, folder];
  const made = existsSync(join(folder, 'HEAD')) ? undefined : await runGit(folder, init, options);
  if (made && 'failure' in made) return made.failure;
  const words = [
    ...['-c', 'protocol.allow=never', '-c', `protocol.${protocol}.allow=always`, '--git-dir', folder],
    ...['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--no-auto-maintenance'],
    ...['--no-write-fetch-head', '--', repository, `+${sha}:refs/commits/${sha}`],
  ];
  const fetched = await runGit(folder, words, { ...options, timeoutMs: fetchMs });
  return 'failure' in fetched ? fetched.failure : undefined;
}

/** Of the packs, which are nearly all of it. */
async function sizeOf(entry: string): Promise<number> {
  const packs = join(entry, 'git/objects/pack');
  const sizes = (await readdir(packs)).map(async (name) => (await stat(join(packs, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

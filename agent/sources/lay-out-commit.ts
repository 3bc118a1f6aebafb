import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { leadsOut, pathInside } from '../../client/path-inside.ts';
import { runGit } from '../../client/run-git.ts';
import { cutText, oneLine } from '../../protocol/clean-text.ts';
import { limits } from '../../protocol/limits.ts';
import { FolderCount, isTooDeep, tooDeep } from './folder-count.ts';
import type { SourceFailure } from './source-failure.ts';

export interface LayOut {
  /** A bare repository that has the commit. */
  readonly repository: string;
  readonly sha: string;
  /** A new folder. */
  readonly to: string;
}

interface Options {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Nobody's settings count: they could name filters, which are programs. */
const noSettings = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_ATTR_NOSYSTEM: '1' };

/**
 * Writes the files of a commit, at most as many and as large as a bundle may have. Git writes links as texts here; those that
 * lead to a file or a folder of the commit become copies of it, as in a bundle, and those that lead out or nowhere are left
 * out. Submodules and
 * large files that git-lfs keeps elsewhere are not fetched. Undefined: all is there.
 */
export async function layOut(
  { repository, sha, to }: LayOut,
  options: Options,
): Promise<SourceFailure | undefined> {
  const more = { ...noSettings, GIT_INDEX_FILE: join(repository, 'files') };
  const git = (...words: string[]) =>
    runGit(to, ['--git-dir', repository, ...words], {
      ...options,
      more,
      timeoutMs: longestMs,
      mostBytes: longestList,
    });
  const listed = await git('ls-tree', '-r', '-l', '-z', '--full-tree', sha);
  options.signal.throwIfAborted();
  if ('failure' in listed) return listed.isTooLong ? tooMuch(sha) : broken(sha, listed.failure);
  const entries = listed.stdout.split('\0').flatMap(readEntry);
  const bytes = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (entries.length > limits.bundleFiles || bytes > limits.bundleUnpackedBytes) return tooMuch(sha);
  const deep = entries.find(({ path }) => isTooDeep(path));
  if (deep !== undefined) return odd(sha, `${deep.path.slice(0, 200)} ${tooDeep}`);
  const folders = new FolderCount(limits.bundleFiles);
  if (!entries.every(({ path }) => folders.takes(path))) return tooMuch(sha);
  const settings = ['core.bare=false', 'core.symlinks=false'].flatMap((setting) => ['-c', setting]);
  for (const words of [
    ['read-tree', sha],
    ['--work-tree', to, ...settings, 'checkout-index', '--all', '--quiet'],
  ]) {
    const done = await git(...words);
    options.signal.throwIfAborted();
    if ('failure' in done) return broken(sha, done.failure);
  }
  return copyLinks({ sha, to, entries, left: limits.bundleUnpackedBytes - bytes, signal: options.signal });
}

const longestMs = 10 * 60_000;
/** A few trees that have each other many times over are small, and their list has no end. */
const longestList = 400 * limits.bundleFiles;

const broken = (sha: string, failure: string): SourceFailure => ({
  class: 'infra_error',
  why: `the files of commit ${sha} cannot be written: ${failure}`,
});

const tooMuch = (sha: string): SourceFailure => ({
  class: 'rejected',
  why: `commit ${sha} has more than ${limits.bundleFiles} files, as many folders or ${limits.bundleUnpackedBytes} bytes`,
});

interface Entry {
  readonly path: string;
  readonly isLink: boolean;
  readonly size: number;
}

/** `<mode> <type> <id> <size>\t<path>`; a submodule has no size. */
function readEntry(line: string): Entry[] {
  const [, mode, size, path] = /^(\d+) \w+ \w+ +(\d+|-)\t(.+)$/s.exec(line) ?? [];
  if (mode === undefined || path === undefined || size === '-') return [];
  return [{ path, isLink: mode === '120000', size: Number(size) }];
}

const mostLinks = 1000;

interface Links {
  readonly sha: string;
  readonly to: string;
  readonly entries: readonly Entry[];
  /** Bytes that copies may have. */
  readonly left: number;
  readonly signal: AbortSignal;
}

/** Links become copies; a linked folder that has a link in it is refused, since copies could multiply. */
async function copyLinks({ sha, to, entries, left, signal }: Links): Promise<SourceFailure | undefined> {
  const [files, links] = [entries.filter(({ isLink }) => !isLink), entries.filter(({ isLink }) => isLink)];
  if (links.length > mostLinks) return tooMuch(sha);
  const targets = await readTargets(to, links).catch(() => undefined);
  if (targets === undefined) return odd(sha, 'a link of it has a name that cannot be written');
  let [bytes, count] = [left, limits.bundleFiles - files.length];
  for (const path of targets.keys()) {
    signal.throwIfAborted();
    const target = endOf(path, targets);
    const copied = files.filter((one) => one.path === target || one.path.startsWith(`${target}/`));
    // A folder that has the link in it would have no end.
    if (copied.length === 0 || pathInside(`/${target}`, `/${path}`) !== undefined) continue;
    const inner = links.find((one) => one.path.startsWith(`${target}/`));
    if (inner) return odd(sha, `${path} is a link to a folder with a link in it (${inner.path})`);
    bytes -= copied.reduce((sum, { size }) => sum + size, 0);
    count -= copied.length;
    if (bytes < 0 || count < 0) return tooMuch(sha);
    for (const one of copied) await copyTo(to, one.path, path + one.path.slice(target.length));
  }
  return undefined;
}

const odd = (sha: string, why: string): SourceFailure => ({
  class: 'rejected',
  why: `the files of commit ${sha} cannot be laid out: ${cutText(oneLine(why), 500)}`,
});

async function copyTo(top: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(top, to)), { recursive: true });
  await copyFile(join(top, from), join(top, to));
}

/** Where links inside of the commit lead, by their paths. The texts in their places are removed. */
async function readTargets(top: string, links: readonly Entry[]): Promise<Map<string, string>> {
  const targets = new Map<string, string>();
  for (const { path } of links) {
    const text = await readFile(join(top, path), 'utf8');
    const target = posix.normalize(posix.join(posix.dirname(path), text));
    if (!text.startsWith('/') && !leadsOut(target)) targets.set(path, target.replace(/\/$/, ''));
    await rm(join(top, path));
  }
  return targets;
}

const mostSteps = 40;

/** Where a link of a link leads in the end. */
function endOf(path: string, targets: ReadonlyMap<string, string>): string {
  let end = path;
  for (let steps = 0; steps < mostSteps && targets.has(end); steps += 1) end = targets.get(end) ?? end;
  return end;
}

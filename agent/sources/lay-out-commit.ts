import { copyFile, cp, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { leadsOut, pathInside } from '../../client/path-inside.ts';
import { runGit } from '../../client/run-git.ts';
import { limits } from '../../protocol/limits.ts';
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
 * lead to a file or a folder of the commit become copies of it, as in a bundle, and others are left out. Submodules and
 * large files that git-lfs keeps elsewhere are not fetched. Undefined: all is there.
 */
export async function layOut(
  { repository, sha, to }: LayOut,
  options: Options,
): Promise<SourceFailure | undefined> {
  const more = { ...noSettings, GIT_INDEX_FILE: join(repository, 'files') };
  const git = (...words: string[]) => runGit(to, ['--git-dir', repository, ...words], { ...options, more });
  const listed = await git('ls-tree', '-r', '-l', '-z', '--full-tree', sha);
  options.signal.throwIfAborted();
  if ('failure' in listed) return broken(sha, listed.failure);
  const entries = listed.stdout.split('\0').flatMap(readEntry);
  const bytes = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (entries.length > limits.bundleFiles || bytes > limits.bundleUnpackedBytes) return tooMuch(sha);
  const settings = ['core.bare=false', 'core.symlinks=false'].flatMap((setting) => ['-c', setting]);
  for (const words of [
    ['read-tree', sha],
    ['--work-tree', to, ...settings, 'checkout-index', '--all', '--quiet'],
  ]) {
    const done = await git(...words);
    options.signal.throwIfAborted();
    if ('failure' in done) return broken(sha, done.failure);
  }
  return (await copyLinks(to, entries, limits.bundleUnpackedBytes - bytes)) ? undefined : tooMuch(sha);
}

const broken = (sha: string, failure: string): SourceFailure => ({
  class: 'infra_error',
  why: `the files of commit ${sha} cannot be written: ${failure}`,
});

const tooMuch = (sha: string): SourceFailure => ({
  class: 'rejected',
  why: `commit ${sha} has more than ${limits.bundleFiles} files or ${limits.bundleUnpackedBytes} bytes`,
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

/** False: the copies would be too large, or too many. */
async function copyLinks(top: string, entries: readonly Entry[], mostBytes: number): Promise<boolean> {
  const files = entries.filter(({ isLink }) => !isLink);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const links = entries.filter(({ isLink }) => isLink);
  if (links.length > mostLinks) return false;
  const targets = new Map<string, string>();
  for (const { path } of links) {
    const text = await readFile(join(top, path), 'utf8');
    const target = posix.normalize(posix.join(posix.dirname(path), text));
    if (!text.startsWith('/') && !leadsOut(target)) targets.set(path, target.replace(/\/$/, ''));
    await rm(join(top, path));
  }
  let left = mostBytes;
  for (const path of targets.keys()) {
    const target = endOf(path, targets);
    const file = byPath.get(target);
    const copied = file ? [file] : files.filter((one) => one.path.startsWith(`${target}/`));
    // A folder that has the link in it would have no end.
    if (copied.length === 0 || pathInside(`/${target}`, `/${path}`) !== undefined) continue;
    left -= copied.reduce((sum, { size }) => sum + size, 0);
    if (left < 0) return false;
    await mkdir(dirname(join(top, path)), { recursive: true });
    if (file) await copyFile(join(top, target), join(top, path));
    else await cp(join(top, target), join(top, path), { recursive: true });
  }
  return true;
}

const mostSteps = 40;

/** Where a link of a link leads in the end. */
function endOf(path: string, targets: ReadonlyMap<string, string>): string {
  let end = path;
  for (let steps = 0; steps < mostSteps && targets.has(end); steps += 1) end = targets.get(end) ?? end;
  return end;
}

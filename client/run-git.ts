import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { oneLine } from '../protocol/clean-text.ts';

const run = promisify(execFile);

/**
 * Whoever writes tests also writes into the checkout, so git must not obey files there: a folder that looks like a bare
 * repository is none (it would choose the commit), and no program that a repository's settings name is run.
 */
const hardened = [
  '--no-optional-locks',
  '--no-replace-objects',
  ...['safe.bareRepository=explicit', 'core.fsmonitor=false', 'core.hooksPath=/dev/null'].flatMap(
    (setting) => ['-c', setting],
  ),
];

export interface GitOptions {
  /** The environment of git. `GIT_*` is left out: variables like GIT_DIR would name another repository. */
  readonly env: Readonly<Record<string, string>>;
  /** Also read a repository that belongs to another user. Default: git refuses it. */
  readonly anyOwner?: boolean;
  /** Absolute: no repository above this folder counts. */
  readonly ceiling?: string;
  /** More variables, `GIT_*` among them. */
  readonly more?: Readonly<Record<string, string>>;
  /** Default: a minute. */
  readonly timeoutMs?: number;
  /** Longer output ends git. Default: 256 MiB. */
  readonly mostBytes?: number;
  /** Aborts: git is ended. */
  readonly signal?: AbortSignal | undefined;
}

const longestMs = 60_000;
const defaultBytes = 256 * 1024 * 1024;

/** What a git command prints, or why it failed, in one line. `isTooLong`: because it printed more than it may. */
export async function runGit(
  folder: string,
  words: readonly string[],
  {
    env,
    anyOwner = false,
    ceiling,
    more,
    timeoutMs = longestMs,
    mostBytes = defaultBytes,
    signal,
  }: GitOptions,
): Promise<{ readonly stdout: string } | { readonly failure: string; readonly isTooLong: boolean }> {
  const owner = anyOwner ? ['-c', 'safe.directory=*'] : [];
  const args = [...hardened, ...owner, '-C', folder, ...words];
  try {
    const own = { ...gitEnv(env, ceiling), ...more };
    return await run('git', args, { env: own, timeout: timeoutMs, maxBuffer: mostBytes, signal });
  } catch (error) {
    const { code } = error as GitError;
    const isTooLong = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
    return { failure: oneLine(whyFailed(error as GitError, timeoutMs)), isTooLong };
  }
}

interface GitError {
  readonly stderr?: string;
  readonly message: string;
  readonly killed?: boolean;
  readonly code?: unknown;
}

/** Warnings and banners of ssh come before git's own words. */
function whyFailed({ stderr = '', message, killed, code }: GitError, timeoutMs: number): string {
  if (code === 'ENOENT') return 'git is not installed, or the folder is not there';
  if (killed) return `it took longer than ${timeoutMs / 1000} s`;
  const lines = stderr.trim().split('\n');
  const telling = lines.find((line) => /^(fatal|error|remote|ERROR):/.test(line));
  return telling ?? (lines.at(-1) || message.split('\n')[0] || 'no reason given');
}

const gitEnv = (
  env: Readonly<Record<string, string>>,
  ceiling: string | undefined,
): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_'))),
  ...(ceiling !== undefined && { GIT_CEILING_DIRECTORIES: dirname(ceiling) }),
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
});

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { shortLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';

const mostWords = 2000;
const passed = ['PATH', 'PATHEXT', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];
const longestMs = 3 * 60_000;
const lingerMs = 1000;

export interface MergeHtml {
  /** The Playwright of a suite: `findPlaywright`. */
  readonly cli: string;
  /** Absolute: blob reports, with their `resources`; a file is written there. */
  readonly blobs: string;
  /** Absolute: the suite, which the paths of tests are relative to. */
  readonly root: string;
  /** Absolute: where the report goes; it is emptied. */
  readonly output: string;
  /** The program gets few of these: it is code of the suite, and others may be secrets. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** The program of the Playwright that is installed for a suite; undefined where none is. */
export function findPlaywright(folder: string): string | undefined {
  const { resolve } = createRequire(join(folder, 'qgjob.js'));
  for (const name of ['@playwright/test/cli', 'playwright/cli'])
    try {
      return resolve(name);
    } catch {
      // It is not installed.
    }
  return undefined;
}

/**
 * Merges blob reports into one HTML report. Errors: `invalid` where Playwright does not merge them, with its last words; the
 * reason of a signal that has fired already.
 */
export async function mergeHtml({ cli, blobs, root, output, env, signal }: MergeHtml): Promise<void> {
  signal?.throwIfAborted();
  // So no configuration of the suite is looked for, and the paths of tests lead to it.
  const config = join(blobs, 'merge.config.mjs');
  await writeFile(config, `export default { testDir: ${JSON.stringify(root)} };\n`);
  const few = Object.fromEntries(passed.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const asked = { ...few, PLAYWRIGHT_HTML_OUTPUT_DIR: output, PLAYWRIGHT_HTML_OPEN: 'never' };
  const words = [cli, 'merge-reports', '--config', config, '--reporter', 'html', blobs];
  const { how, said } = await run(words, { cwd: blobs, env: asked }, signal);
  if (how === 0) return;
  throw new QgjobError(
    'invalid',
    `Playwright did not merge the reports (${how}): ${shortLine(said, mostWords)}`,
  );
}

/** Answers the exit code, or why there is none, and the last words. */
function run(
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  signal: AbortSignal | undefined,
): Promise<{ readonly how: number | string; readonly said: string }> {
  return new Promise((resolve, reject) => {
    // A signal that has fired tells its listeners nothing more.
    if (signal?.aborted) return resolve({ how: 'stopped', said: '' });
    const child = spawn(process.execPath, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let why: string | undefined;
    const end = (words: string): void => {
      why = words;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end(`not done after ${longestMs / 60_000} minutes`), longestMs);
    const stop = (): void => end('stopped');
    signal?.addEventListener('abort', stop, { once: true });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        said = `${said}${bytes.toString()}`.slice(-mostWords);
      });
    child.once('error', reject);
    const done = (code: number | null, killedBy: NodeJS.Signals | null): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve({ how: why ?? code ?? String(killedBy), said });
    };
    child.once('close', done);
    // What it started may hold its output open.
    child.once('exit', (...end) => setTimeout(done, lingerMs, ...end));
  });
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { oneLine } from '../../protocol/clean-text.ts';

const run = promisify(execFile);

/**
 * Tests write in the workspace, so git must not do what files there say: a folder that looks like a bare repository is
 * none (it would choose the commit that is compared), and nothing that a repository's settings name is run.
 */
const hardened = [
  '--no-optional-locks',
  '--no-replace-objects',
  ...['safe.bareRepository=explicit', 'core.fsmonitor=false', 'core.hooksPath=/dev/null'].flatMap(
    (setting) => ['-c', setting],
  ),
];

/** The commit that a folder is at, or why git cannot tell, in one line. */
export async function readHead(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly sha: string } | { readonly failure: string }> {
  try {
    const args = [...hardened, '-C', folder, 'rev-parse', '--verify', 'HEAD^{commit}'];
    const { stdout } = await run('git', args, { env: gitEnv(env), timeout: 15_000 });
    return { sha: stdout.trim() };
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return { failure: oneLine((stderr || message).trim().split('\n')[0] ?? 'no reason given') };
  }
}

/** Variables like GIT_DIR would point git at another repository than the folder's. */
const gitEnv = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_TERMINAL_PROMPT: '0',
});

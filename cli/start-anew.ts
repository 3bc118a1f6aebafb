import { closeSync, mkdtempSync, openSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, type Variables } from './config.ts';
import { say } from './output/print.ts';

/**
 * For programs that run the code of others. The system shows the words and the variables that a process was started with
 * to others (`/proc/<pid>/cmdline`, `/proc/<pid>/environ`), and deleting a variable changes nothing about that. So where
 * they hold a token, this starts the same program anew in the same process (with its pid, folder, stdout and stderr):
 * without them, and with the token, if it needs one, as `--token-file=-`. It does not come back then.
 */
export function hideToken(token: string | undefined, env: Variables = environment()): void {
  const words = process.argv.slice(2);
  const kept = withoutTokenWords(words);
  const clean = Object.entries(env).filter(([name, value]) => !isToken(name, value ?? '', token));
  if (kept.length === words.length && clean.length === Object.keys(env).length) return;
  if (typeof process.execve !== 'function' || process.platform === 'win32') {
    say(cannot);
    return;
  }
  if (token !== undefined) putIntoStdin(token);
  process.execve(
    process.execPath,
    [
      ...[process.argv0, ...process.execArgv, ...process.argv.slice(1, 2), ...kept],
      ...(token === undefined ? [] : ['--token-file=-']),
    ],
    Object.fromEntries(clean),
  );
}

const cannot =
  'qgjob: other programs of this user can read the token from this process; only Node 22.15 or newer, not on Windows, can hide it. Give it by --token-file instead';

/** A file is no secret, but where stdin has been read it is not there any more. */
function withoutTokenWords(words: readonly string[]): string[] {
  return words.filter((word, index) => !/^--token(?:=|$)/.test(word) && words[index - 1] !== '--token');
}

function isToken(name: string, value: string, token: string | undefined): boolean {
  if (value === '') return false;
  return (
    name === 'QGJOB_TOKEN' ||
    /qgj_(op|adm|agt)_/.test(value) ||
    (token !== undefined && value.includes(token))
  );
}

/**
 * Makes stdin a file that holds the token: one without a name, so that nothing is left of it whatever happens. Of all
 * open files only stdin, stdout and stderr outlive the start of a program.
 */
function putIntoStdin(token: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-'));
  const file = join(folder, 'stdin');
  closeSync(0);
  // The lowest number that is free: it is stdin again.
  const stdin = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  rmdirSync(folder);
  if (stdin !== 0) throw new Error(`stdin is ${stdin}`);
  // At a position of its own: the program reads from the beginning.
  writeSync(stdin, token, 0);
}

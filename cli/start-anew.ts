import { closeSync, mkdtempSync, openSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSecretVariable } from '../protocol/secret-names.ts';
import { secretParts } from '../protocol/secret-parts.ts';
import { environment, type Variables } from './config.ts';
import { say } from './output/print.ts';
import { handedName } from './take-over.ts';

/**
 * For programs that run the code of others. The system shows the words and the variables that a process was started with
 * to others (`/proc/<pid>/cmdline`, `/proc/<pid>/environ`), and deleting a variable changes nothing about that. So where
 * they hold a token or another secret, this starts the same program anew in the same process (with its pid, folder, stdout and
 * stderr): without them, and with the token, if it needs one, and the secrets on its stdin. It does not come back then. See
 * `takeOver`.
 */
export function hideSecrets(token: string | undefined, env: Variables = environment()): void {
  const words = process.argv.slice(2);
  const kept = withoutTokenWords(words);
  const variables = Object.entries(env).filter(([name, value]) => !isToken(name, value ?? '', token));
  const secrets = variables.filter(([name, value]) => isSecret(name, value ?? ''));
  if (kept.length === words.length && variables.length === Object.keys(env).length && secrets.length === 0)
    return;
  if (typeof process.execve !== 'function' || process.platform === 'win32') {
    say(cannot);
    return;
  }
  putIntoStdin(JSON.stringify({ token, variables: Object.fromEntries(secrets) }));
  process.execve(
    process.execPath,
    [process.argv0, ...process.execArgv, ...process.argv.slice(1, 2), ...kept],
    {
      ...Object.fromEntries(variables.filter((one) => !secrets.includes(one))),
      [handedName]: '1',
    },
  );
}

const cannot =
  'qgjob: other programs of this user can read tokens and secrets from this process; only Node 22.15 or newer, not on Windows, can hide them. Give the token by --token-file, and no other secret to this process, instead';

/** A file is no secret, but where stdin has been read it is not there any more. */
function withoutTokenWords(words: readonly string[]): string[] {
  return words.filter((word, index) => !/^--token(?:=|$)/.test(word) && words[index - 1] !== '--token');
}

/** Nobody needs these afterwards. */
function isToken(name: string, value: string, token: string | undefined): boolean {
  if (value === '') return false;
  return (
    name === 'QGJOB_TOKEN' ||
    /qgj_(op|adm|agt)_/.test(value) ||
    (token !== undefined && value.includes(token))
  );
}

/** Node and the system read these before anything else could. */
const readAtStart = /^(?:PATH|HOME|NODE_.*|.*_proxy)$/i;

const isSecret = (name: string, value: string): boolean =>
  value !== '' && !readAtStart.test(name) && (isSecretVariable(name) || secretParts(value).some(Boolean));

/**
 * Makes stdin a file that holds this text: one without a name, so that nothing is left of it whatever happens. Of all
 * open files only stdin, stdout and stderr outlive the start of a program.
 */
function putIntoStdin(text: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-'));
  const file = join(folder, 'stdin');
  closeSync(0);
  // The lowest number that is free: it is stdin again.
  const stdin = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  rmdirSync(folder);
  if (stdin !== 0) throw new Error(`stdin is ${stdin}`);
  // At a position of its own: the program reads from the beginning.
  writeSync(stdin, text, 0);
}

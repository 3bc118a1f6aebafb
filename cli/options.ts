import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../protocol/durations.ts';
import { QgjobError } from '../protocol/errors.ts';

/** `--server-url`, `--token`, `--token-file`, `--allow-http` and `--data-dir`, in a group of their own. */
export function addConnection(command: Command): Command {
  return command
    .optionsGroup('Where the server is:')
    .option('--server-url <url>', 'its URL (QGJOB_SERVER_URL)')
    .option('--token <token>', 'the token (QGJOB_TOKEN), - is stdin; other programs of this host can see it')
    .option('--token-file <file>', 'a file that holds the token; - is stdin')
    .option('--allow-http', 'plain http to another machine, in a network that you trust (QGJOB_ALLOW_HTTP=1)')
    .option('--data-dir <folder>', "the server's folder on this machine (QGJOB_DATA_DIR; .qgjob)");
}

/** `15m` and the like, in ms. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('Use a number with ms, s, m, h or d, like 90s, 15m or 1.5h');
  return ms;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Use a whole number');
  return Number(text);
}

/** A flag that may be repeated. */
export const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

/** `a,b` → `a`, `b`. A comma inside braces belongs to a glob. */
export function splitCommas(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '{' && text.indexOf('}', index) !== -1) depth += 1;
    if (char === '}') depth = Math.max(0, depth - 1);
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** For a command without arguments: refuses them instead of ignoring them. Errors: `invalid`. */
export function refuseArguments(given: readonly string[], advice: (first: string) => string): void {
  const [first] = given;
  if (first !== undefined) throw new QgjobError('invalid', `unexpected argument ${first}; ${advice(first)}`);
}

import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isSecretVariable } from '../../protocol/secret-names.ts';
import { secretParts } from '../../protocol/secret-parts.ts';

/** Values under this many characters would mask half of any text. */
export const shortestSecret = 6;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The values to mask in logs and reports: the agent's token, the values of the host's secret variables, what is secret inside
 * of any variable, and the configuration's `redact` list, in which `$NAME` means a variable. A secret variable that holds
 * the path of an existing file is no secret.
 */
export function collectSecrets(host: Variables, redact: readonly string[], token: string): string[] {
  const named = Object.entries(host).flatMap(([name, value = '']) => [
    ...(isSecretVariable(name) && !isFileHere(value) ? [value] : []),
    ...secretParts(value),
  ]);
  const listed = redact.map((item) => (item.startsWith('$') ? (host[item.slice(1)] ?? item) : item));
  const found = named.filter((value) => !isSwitchWord(value));
  return [...new Set([token, ...found, ...listed])].filter((value) => value.length >= shortestSecret);
}

/** Common values of switches: to mask them would make every log unreadable and protect nothing. */
export const isSwitchWord = (value: string): boolean =>
  /^(?:enabled|disabled|default|undefined|required|optional)$/i.test(value);

const isFileHere = (value: string): boolean => isAbsolute(value) && existsSync(value);

import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isSecretName } from '../../protocol/secret-names.ts';

/** Values under this many characters would mask half of any text. */
export const shortestSecret = 6;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The values to mask in logs and reports: the agent's token, the values of the host's secret variables, passwords in
 * addresses in any variable, and the configuration's `redact` list, in which `$NAME` means a variable. A secret
 * variable that holds the path of an existing file is no secret.
 */
export function collectSecrets(host: Variables, redact: readonly string[], token: string): string[] {
  const named = Object.entries(host).flatMap(([name, value = '']) => [
    ...(isSecretName(name) && !isFileHere(value) && !switchWord.test(value)
      ? [value, ...partsOf(value)]
      : []),
    ...passwordsIn(value),
  ]);
  const listed = redact.map((item) => (item.startsWith('$') ? (host[item.slice(1)] ?? item) : item));
  return [...new Set([token, ...named, ...listed])].filter((value) => value.length >= shortestSecret);
}

/** Common values of switches: to mask them would make every log unreadable and protect nothing. */
const switchWord = /^(?:enabled|disabled|default|undefined|required|optional)$/i;

const isFileHere = (value: string): boolean => isAbsolute(value) && existsSync(value);

/** The secrets in `Server=db;Password=hunter22;`: they are printed alone too. */
const partsOf = (value: string): string[] =>
  value.split(';').flatMap((part) => {
    const at = part.indexOf('=');
    return at > 0 && isSecretName(part.slice(0, at).trim().replaceAll(/\s+/g, '_'))
      ? [part.slice(at + 1)]
      : [];
  });

/**
 * The password in `postgres://user:password@host/db`, as written and decoded. A long user without a password is a
 * token.
 */
function passwordsIn(value: string): string[] {
  if (!value.includes('://')) return [];
  return [...value.matchAll(/:\/\/([^\s/?#@:]*)(?::([^\s/?#]*))?@/g)].flatMap(([, user = '', password]) => {
    const secret = password ?? (user.length >= 16 ? user : '');
    // A password equal to its user is the default of a development database.
    if (secret === user && password !== undefined) return [];
    return [secret, decoded(secret)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** Words that end the name of a secret variable, however it is written: `NPM_TOKEN`, `authToken`, `PGPASSWORD`. */
const strongName = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY)S?$/i;
/** Words that do so only by themselves: `PATH` is no `PAT`, `OLDPWD` no password. */
const wordName =
  /(?:^|_)(?:KEYS?|PASS|PAT|AUTH|DSN|JWT|CREDENTIALS?|CONNECTION_STRING|SECRET_KEY_BASE)$|_PWD$/i;

/** Values under this many characters would mask half of any text. */
export const shortestSecret = 6;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The values to keep out of logs and reports: the agent's token, the values of secret variables of the host, passwords in
 * addresses that any variable holds, and the configuration's `redact` list, where `$NAME` stands for a variable. A secret
 * variable that names a file of this host holds no secret itself.
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

/** What switches say: masked, they would tear every log apart and tell nobody anything. */
const switchWord = /^(?:enabled|disabled|default|undefined|required|optional)$/i;

const isSecretName = (name: string): boolean => strongName.test(name) || wordName.test(name);

const isFileHere = (value: string): boolean => isAbsolute(value) && existsSync(value);

/** Of `Server=db;Password=hunter22;`: the secrets alone, which get printed by themselves too. */
const partsOf = (value: string): string[] =>
  value.split(';').flatMap((part) => {
    const at = part.indexOf('=');
    return at > 0 && isSecretName(part.slice(0, at).trim().replaceAll(/\s+/g, '_'))
      ? [part.slice(at + 1)]
      : [];
  });

/** Of `postgres://user:password@host/db`: the password, as it is written and as it is. A long user alone is a token. */
function passwordsIn(value: string): string[] {
  if (!value.includes('://')) return [];
  return [...value.matchAll(/:\/\/([^\s/?#@:]*)(?::([^\s/?#]*))?@/g)].flatMap(([, user = '', password]) => {
    const secret = password ?? (user.length >= 16 ? user : '');
    // The same twice is what everybody sets up for development.
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

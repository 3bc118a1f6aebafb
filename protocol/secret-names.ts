/** Ends of names of secret variables, in any spelling: `NPM_TOKEN`, `authToken`, `PGPASSWORD`. */
const strongName = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY)S?$/i;
/** Ends that count only as whole words: `PATH` is no `PAT`, `OLDPWD` no password. */
const wordName =
  /(?:^|_)(?:KEYS?|PASS|PAT|AUTH|DSN|JWT|COOKIES?|CREDENTIALS?|CREDS|CONNECTION|CONNECTION_STRING|SECRET_KEY_BASE)$|_PWD$|^SSHPASS$/i;

/** Whether a variable of this name, or a part of its value, is likely to hold a secret. */
export const isSecretName = (name: string): boolean =>
  strongName.test(name) || wordName.test(name) || wordName.test(inSnakeCase(name));

/** `sharedAccess Key` is shared_Access_Key. */
const inSnakeCase = (name: string): string =>
  name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[\s.-]+/g, '_');

/** `APIKey2_old` is API, Key, old. */
export const wordsOf = (name: string): string[] => name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];

/** Words that say it wherever they stand: `API_KEY_STAGING`, `TOKEN_PROD`, `PASSWORD_2`. */
const anyWord =
  /^(?:tokens?|secrets?|passwords?|passwd|passphrase|passcode|pass|pat|apikeys?|keys?|credentials?|creds|cookies?|jwt|dsn|sas|otp|totp|pin|hmac|session|keystore)$/i;
/** Last words of what is about a secret, and none itself: `TOKEN_URL`, `KEY_FILE`, `SESSION_TIMEOUT`. */
const aboutOne =
  /^(?:url|uri|file|path|dir|folder|home|sock|socket|host|port|name|type|kind|class|enabled|disabled|timeout|ttl|expiry|length|size|count|user|version|region|endpoint|issuer|algorithm|provider|helper|program|command|address|method|mode|desktop|delay)$/i;
/** Sessions of a desktop: `GDMSESSION`, `XDG_SESSION_ID`. */
const ofTheSystem = /^(?:XDG|DESKTOP|GDM|DBUS|KDE|GNOME)/i;

/** Whether a variable of a host is likely to hold a secret: its value is masked in logs, so words that only may say it do not count. */
export function isSecretVariable(name: string): boolean {
  if (ofTheSystem.test(name)) return false;
  const words = wordsOf(name);
  // Whoever has the address may post there.
  if (isSecretName(name) || words.some((word) => /^webhook$/i.test(word))) return true;
  return !aboutOne.test(words.at(-1) ?? '') && words.some((word) => anyWord.test(word));
}

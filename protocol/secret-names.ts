/** Ends of names of secret variables, in any spelling: `NPM_TOKEN`, `authToken`, `PGPASSWORD`. */
const strongName = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY)S?$/i;
/** Ends that count only as whole words: `PATH` is no `PAT`, `OLDPWD` no password. */
const wordName =
  /(?:^|_)(?:KEYS?|PASS|PAT|AUTH|DSN|JWT|CREDENTIALS?|CONNECTION_STRING|SECRET_KEY_BASE)$|_PWD$/i;

/** Whether a variable of this name is likely to hold a secret. */
export const isSecretName = (name: string): boolean => strongName.test(name) || wordName.test(name);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of files that open other doors: variables, keys, logins. Compared in lower case. */
const secretNames: readonly RegExp[] = [
  /^\.env(?:rc)?$/,
  /^\.env\.(?!(?:example|sample|template|dist|defaults)$)/,
  /^gha-creds-.*\.json$/,
  /\.(?:pem|key|p8|p12|pfx|ppk|jks|keystore)$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  /^\.(?:netrc|pypirc|git-credentials|htpasswd|pgpass)$/,
  /^_netrc$/,
];

const secretFolders = ['.ssh', '.aws', '.gnupg', '.kube'];

/** Settings of package managers, which mostly hold no secret, and what one looks like in them. */
const settingsNames = ['.npmrc', '.yarnrc', '.yarnrc.yml'];
const secretSetting = /_auth|_password|npmAuth(?:Token|Ident)/i;

/** True for a path, from the root, by whose name (or for settings, in whose text) a secret is to be expected. */
export function mayHoldSecret(root: string, path: string): boolean {
  const parts = path.toLowerCase().split('/');
  const name = parts.pop() ?? '';
  if (parts.some((part) => secretFolders.includes(part))) return true;
  if (settingsNames.includes(name)) return secretSetting.test(textOf(join(root, path)));
  return secretNames.some((pattern) => pattern.test(name));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

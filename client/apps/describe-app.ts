import { oneLine } from '../../protocol/clean-text.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { shortHash } from '../../protocol/words.ts';
import type { PreparedApp } from './prepare-app.ts';

/** The app version of a build where nobody names one: each build of a commit has its own. */
export const versionOfBuild = (commit: string | undefined, sha256: string): string =>
  [commit, shortHash(sha256)].filter(Boolean).join('-');

const words = { apk: 'APK', aab: 'App Bundle', ipa: 'IPA' };

/** `APK of com.example.shop 1.4.2 (42), 31.2 MiB`. */
export function describeApp({ kind, packageName, versionName, versionCode, blob }: PreparedApp): string {
  const version = versionName === undefined ? '' : ` ${versionName}`;
  const code = versionCode === undefined ? '' : ` (${versionCode})`;
  return oneLine(`${words[kind]} of ${packageName}${version}${code}, ${formatBytes(blob.size)}`);
}

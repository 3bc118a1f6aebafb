import { findManifest } from './find-manifest.ts';

/** How the name of a build ends: tools go by that. */
export async function appEnding(path: string, platform: string): Promise<'apk' | 'aab' | 'ipa'> {
  if (platform === 'ios') return 'ipa';
  const found = await findManifest(path).catch(() => undefined);
  return found?.kind === 'aab' ? 'aab' : 'apk';
}

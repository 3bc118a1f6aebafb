import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { AppPlatform } from '../../protocol/states.ts';

/** What a build is: for Android one that devices install or a bundle that a store makes such files of; or one for iOS. */
export type AppKind = 'apk' | 'aab' | 'ipa';

export const platformOf = (kind: AppKind): AppPlatform => (kind === 'ipa' ? 'ios' : 'android');

/** The file in a build that says what app it is. */
export interface Manifest {
  readonly kind: AppKind;
  readonly bytes: Buffer;
}

const manifests: readonly (readonly [AppKind, RegExp])[] = [
  ['apk', /^AndroidManifest\.xml$/],
  ['aab', /^base\/manifest\/AndroidManifest\.xml$/],
  // An app in the app, a watch's say, lies deeper.
  ['ipa', /^Payload\/[^/]+\.app\/Info\.plist$/],
];

/** Real ones have some hundred KiB at most; what unpacks to more is not read. */
const mostBytes = 4 * 1024 * 1024;
/** Real ones have some ten thousand; a file may claim any number. */
const mostEntries = 500_000;

/**
 * Finds the manifest of a build. Undefined: a zip without one. Errors: not a whole zip, or a manifest that is too large. Reads
 * the list of files and the manifest, whatever the size of the build.
 */
export async function findManifest(path: string): Promise<Manifest | undefined> {
  // Nothing is unpacked to a disk, so names that would be refused for that do no harm.
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
  try {
    let seen = 0;
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileNameRaw.toString('utf8');
      const kind = manifests.find(([, pattern]) => pattern.test(name))?.[0];
      if (kind !== undefined) return { kind, bytes: await readEntry(zip, entry, name) };
      seen += 1;
      if (seen > mostEntries) throw new Error(`it lists more than ${mostEntries} files`);
    }
    return undefined;
  } finally {
    zip.close();
  }
}

async function readEntry(zip: ZipFile, entry: Entry, name: string): Promise<Buffer> {
  if (entry.uncompressedSize > mostBytes) throw new Error(`its ${name} has more than ${mostBytes} bytes`);
  const chunks: Buffer[] = [];
  // It ends with an error where there are more bytes than the entry says.
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { packageNamePattern } from '../../protocol/ids.ts';
import { readAndroidXml } from './android-xml.ts';
import type { AppFacts } from './app-facts.ts';
import { type AppKind, findManifest, type Manifest } from './find-manifest.ts';
import { readInfoPlist } from './info-plist.ts';
import { readProtoXml } from './proto-xml.ts';

export interface ReadApp extends AppFacts {
  readonly kind: AppKind;
  readonly packageName: string;
}

const readers: Record<AppKind, (bytes: Buffer) => AppFacts> = {
  apk: readAndroidXml,
  aab: readProtoXml,
  ipa: readInfoPlist,
};

/** Reads what app a build is. Errors: `invalid`, with the reason, for anything but a whole APK, AAB or IPA. */
export async function readApp(path: string): Promise<ReadApp> {
  const manifest = await findManifest(path).catch((error: Error) => {
    throw refusal(path, endless.test(error.message) ? cutShort : error.message);
  });
  if (manifest === undefined) throw refusal(path, 'it is a zip without the manifest of one');
  return { kind: manifest.kind, ...readFacts(path, manifest) };
}

/** The zip reader's words for a file in which it finds no list of files. */
const endless = /end of central directory/i;
const cutShort = 'it is no zip file, or its end is missing; build or copy it anew, or name another file';

function readFacts(path: string, { kind, bytes }: Manifest): AppFacts & { readonly packageName: string } {
  try {
    const { packageName, ...facts } = readers[kind](bytes);
    if (!isPackageName(packageName)) throw new Error('it names no package');
    return { packageName, ...facts };
  } catch (error) {
    throw refusal(path, `its manifest is damaged: ${(error as Error).message}`, error);
  }
}

const isPackageName = (text: string | undefined): text is string =>
  text !== undefined && packageNamePattern.test(text);

const refusal = (path: string, why: string, cause?: unknown): QgjobError =>
  new QgjobError('invalid', `${oneLine(path)} is no whole APK, AAB or IPA: ${oneLine(why)}`, { cause });

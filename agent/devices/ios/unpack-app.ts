import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readInfoPlist } from '../../../client/apps/info-plist.ts';
import { readSubmittedBytes } from '../../read-submitted.ts';
import { unpackArchive } from './unpack-archive.ts';

/** An app as a folder. */
export interface AppFolder {
  /** Absolute, ends with `.app`. */
  readonly path: string;
  readonly bundleId: string | undefined;
}

const unpackMs = 120_000;
const mostFiles = 200_000;
/** What apps are made of packs to a half or a third; this also leaves room for a small one. */
const mostBytes = (packed: number): number => 1024 ** 3 + 10 * packed;

/**
 * The `.app` in a build: a folder already, or a zip or tar of it, or an IPA; unpacked beside the build. Throws, with words,
 * where there is none, or where it is more than an app.
 */
export async function unpackApp(build: string, env: Readonly<Record<string, string>>): Promise<AppFolder> {
  const found = await stat(build);
  if (found.isDirectory()) return describe(build);
  const folder = join(dirname(build), 'unpacked');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const limits = { entries: mostFiles, bytes: mostBytes(found.size) };
  await unpackArchive(build, folder, limits, env, AbortSignal.timeout(unpackMs)).catch(async (error) => {
    // What was unpacked of a bomb is not kept.
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const app = await findApp(folder);
  if (app === undefined) throw new Error('there is no .app in it: a simulator takes a zip or tar of one');
  return describe(app);
}

/** At the top, or in `Payload` as in an IPA. */
async function findApp(folder: string): Promise<string | undefined> {
  for (const place of [folder, join(folder, 'Payload')]) {
    const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
    const found = entries.find((entry) => entry.isDirectory() && entry.name.endsWith('.app'));
    if (found) return join(place, found.name);
  }
  return undefined;
}

async function describe(path: string): Promise<AppFolder> {
  const plist = readSubmittedBytes(join(path, 'Info.plist'));
  if (plist === undefined) throw new Error('its .app has no Info.plist that is a file of at most a mebibyte');
  return { path, bundleId: readInfoPlist(plist).packageName };
}

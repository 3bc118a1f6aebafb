import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readInfoPlist } from '../../../client/apps/info-plist.ts';

/** An app as a folder. */
export interface AppFolder {
  /** Absolute, ends with `.app`. */
  readonly path: string;
  readonly bundleId: string | undefined;
}

const unpackMs = 120_000;

/**
 * The `.app` in a build: a folder already, or a zip or tar of it, or an IPA; unpacked beside the build by the programs of the
 * host. Throws, with words, where there is none.
 */
export async function unpackApp(build: string, env: Readonly<Record<string, string>>): Promise<AppFolder> {
  if ((await stat(build)).isDirectory()) return describe(build);
  const folder = join(dirname(build), 'unpacked');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const [program, words] = (await isZip(build))
    ? ['unzip', ['-q', '-o', build, '-d', folder]]
    : ['tar', ['-xf', build, '-C', folder]];
  await promisify(execFile)(program as string, words as string[], { env, timeout: unpackMs });
  const app = await findApp(folder);
  if (app === undefined) throw new Error('there is no .app in it: a simulator takes a zip or tar of one');
  return describe(app);
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === 'PK';
  } finally {
    await file.close();
  }
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
  const plist = await readFile(join(path, 'Info.plist')).catch(() => undefined);
  if (plist === undefined) throw new Error('its .app has no Info.plist');
  return { path, bundleId: readInfoPlist(plist).packageName };
}

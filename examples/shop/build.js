import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const shop = import.meta.dirname;
const builds = JSON.parse(await readFile(join(shop, 'builds.json'), 'utf8'));

/** Builds a version of the shop in a folder. Throws for an unknown version. */
export async function buildShop(version, folder) {
  if (!Object.hasOwn(builds, version)) {
    throw new Error(`there is no build ${version}; shop/builds.json knows ${Object.keys(builds).join(', ')}`);
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const file of ['server.js', 'page.js']) await cp(join(shop, file), join(folder, file));
  await cp(join(shop, builds[version]), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', version }));
}

import { join } from 'node:path';
import { AppCache } from '../apps/app-cache.ts';
import { readConfig } from '../config.ts';
import { clearLeftBehind } from '../leases/clear-left-behind.ts';
import { HostLocks } from '../resources/host-lock.ts';
import { BundleCache } from '../sources/bundle-cache.ts';
import { PackageCache } from '../sources/package-cache.ts';
import { Repositories } from '../sources/repositories.ts';

/** Clears what agents named rack-1 have left below a folder, and answers the lines that this writes. */
export async function clear(root: string): Promise<string[]> {
  const lines: string[] = [];
  const config = readConfig({ token: 'a-token', name: 'rack-1' }, root, {});
  const bundles = new BundleCache(join(root, '.qgjob/agent/.cache/bundles'));
  const apps = new AppCache(join(root, '.qgjob/agent/.cache/apps'), new HostLocks());
  const repositories = new Repositories(join(root, '.qgjob/agent/.cache/repositories'), new HostLocks());
  const packages = new PackageCache(join(root, '.qgjob/agent/.cache/packages'), new HostLocks());
  await clearLeftBehind({ config, bundles, apps, packages, repositories, say: (line) => lines.push(line) });
  return lines;
}

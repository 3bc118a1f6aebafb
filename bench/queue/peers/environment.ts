import { readFileSync } from 'node:fs';

/** The version of a package that is installed in bench/. */
export function readVersion(packageName: string): string {
  const file = new URL(`../../node_modules/${packageName}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}

/** The address of a server that the bench started. Throws if the variable is not set. */
export function readUrl(name: 'BENCH_REDIS_URL' | 'BENCH_POSTGRES_URL'): string {
  const url = process.env[name];
  if (!url) throw new Error(`${name} says no address of a server`);
  return url;
}

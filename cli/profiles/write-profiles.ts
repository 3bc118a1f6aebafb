import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Profile, type ProfilesFile, readProfilesFile } from './read-profiles.ts';

/** Keeps a login, which is the one that counts from now on. Errors: `invalid`; the system's. */
export function keepProfile(path: string, profile: Profile): void {
  const { servers } = readProfilesFile(path);
  const { origin } = new URL(profile.url);
  write(path, { main: origin, servers: { ...servers, [origin]: profile } });
}

/** Forgets the login of an origin; false where there is none. Errors: `invalid`; the system's. */
export function dropProfile(path: string, origin: string): boolean {
  const { main, servers } = readProfilesFile(path);
  const { [origin]: dropped, ...others } = servers;
  if (dropped === undefined) return false;
  write(path, { main: main === origin ? undefined : main, servers: others });
  return true;
}

/** For the user alone; in one step, so that no reader sees half of it. */
function write(path: string, file: ProfilesFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const half = `${path}.${process.pid}.part`;
  try {
    writeFileSync(half, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(half, path);
  } finally {
    rmSync(half, { force: true });
  }
}

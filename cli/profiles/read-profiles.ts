import { isObject } from '../../client/json.ts';
import { readJson } from '../read-files.ts';

/** A server and the token that a login there left. */
export interface Profile {
  readonly url: string;
  readonly token: string;
}

/** What is in the file, by the origin of each server. */
export interface ProfilesFile {
  /** The origin of the last login. */
  readonly main: string | undefined;
  readonly servers: Readonly<Record<string, Profile>>;
}

export interface Profiles {
  /** That of the last login. */
  readonly main: Profile | undefined;
  /** That of the origin of this address. */
  readonly of: (url: string) => Profile | undefined;
}

export const noProfiles: Profiles = { main: undefined, of: () => undefined };

/**
 * The file is read when it is asked for what is in it: a damaged one is in nobody's way who names server and token. Errors,
 * of its parts: `invalid` for a file that is not as it was written.
 */
export function readProfiles(path: string): Profiles {
  let read: ProfilesFile | undefined;
  const file = (): ProfilesFile => {
    read ??= readProfilesFile(path);
    return read;
  };
  return {
    get main() {
      const { main, servers } = file();
      return main === undefined ? undefined : servers[main];
    },
    of: (url) => file().servers[new URL(url).origin],
  };
}

/** Errors: `invalid`. */
export function readProfilesFile(path: string): ProfilesFile {
  const { main, servers } = readJson(path, path) ?? {};
  const kept = Object.entries(isObject(servers) ? servers : {}).filter(([, profile]) => isProfile(profile));
  return {
    main: typeof main === 'string' ? main : undefined,
    servers: Object.fromEntries(kept) as Record<string, Profile>,
  };
}

const isProfile = (value: unknown): boolean =>
  isObject(value) && typeof value.url === 'string' && typeof value.token === 'string';

import { resolve } from 'node:path';
import { defaultDataDir, findServer } from './connection/find-server.ts';
import { checkToken, findToken, flagToken } from './connection/find-token.ts';
import type { ConnectionFlags, Found, FoundServer, Places, Variables } from './connection/types.ts';
import { profilesFile } from './profiles/profiles-file.ts';
import { noProfiles, readProfiles } from './profiles/read-profiles.ts';

export type { ConnectionFlags, Variables } from './connection/types.ts';

/** The server's address, the token, and where each was found. */
export interface Connection {
  readonly url: string;
  readonly token: string;
  readonly urlFrom: string;
  readonly tokenFrom: string;
  /** The file of `--token-file`, unless it is stdin; absolute. */
  readonly tokenFile: string | undefined;
  /** The server's data folder, where the token is the operator's that lies there; absolute. */
  readonly ownDataDir: string | undefined;
}

export const environment = (): Variables => process.env;
/** For what is started from here on. */
export const forgetVariable = (name: string): void => void delete process.env[name];
export const isDebug = (env: Variables = process.env): boolean => (env.QGJOB_DEBUG ?? '') !== '';
/** True for a terminal that cannot redraw a line. */
export const isDumbTerminal = (env: Variables = process.env): boolean => env.TERM === 'dumb';

interface Looking {
  readonly env?: Variables;
  readonly cwd?: string;
  /** Not for an agent: a login is a person's, and an agent runs the code of others. */
  readonly withProfiles?: boolean;
}

/**
 * The server and its token, each from the first place that names it; docs/cli.md has the order. Errors: `invalid` (a bad
 * URL or file), `unavailable` (no server), `unauthorized` (no token).
 */
export function findConnection(flags: ConnectionFlags, looking: Looking = {}): Connection {
  const places = placesOf(flags, looking);
  const server = findServer(places);
  const token = findToken(places, server);
  const { tokenFile = '-' } = flags;
  return {
    ...{ url: server.value, urlFrom: server.from, token: token.value, tokenFrom: token.from },
    tokenFile: tokenFile === '-' ? undefined : resolve(places.cwd, tokenFile),
    ownDataDir: token.isKept ? places.dataDir.path : undefined,
  };
}

/** The server of a login, and the token of its flag. Errors: `invalid`, `unavailable`. */
export function findLogin(
  flags: ConnectionFlags,
  looking: Looking = {},
): { readonly server: FoundServer; readonly token: Found | undefined } {
  const places = placesOf(flags, looking);
  const token = flagToken(places);
  return { server: findServer(places), token: token && checkToken(token) };
}

function placesOf(
  flags: ConnectionFlags,
  { env = process.env, cwd = process.cwd(), withProfiles = true }: Looking,
): Places {
  const named = flags.dataDir || env.QGJOB_DATA_DIR;
  const name = named || defaultDataDir;
  const profiles = withProfiles ? readProfiles(profilesFile(env)) : noProfiles;
  return { flags, env, cwd, dataDir: { path: resolve(cwd, name), name, isNamed: Boolean(named) }, profiles };
}

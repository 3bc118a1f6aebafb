import { join, resolve } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { readText } from '../read-files.ts';
import { readTokenFile } from '../token-file.ts';
import { serverOf } from './find-server.ts';
import {
  type ConnectionFlags,
  type DataDir,
  type Found,
  type FoundServer,
  type FoundToken,
  given,
  type Places,
} from './types.ts';

/**
 * The token for a server. It goes only to its own: that of a flag to any, QGJOB_TOKEN to one of QGJOB_SERVER_URL or the
 * flag, that of a profile to the origin of its login, the data folder's to the server of that folder. Errors:
 * `unauthorized`.
 */
export function findToken(places: Places, server: FoundServer): FoundToken {
  const found = flagToken(places) ?? tokenFor(server, places);
  if (found) return checkToken(found);
  throw new QgjobError('unauthorized', whyNoToken(server, places));
}

/** The token of a flag; undefined without one. Errors: `invalid`. */
export function flagToken({ flags, cwd }: Pick<Places, 'flags' | 'cwd'>): Found | undefined {
  if (flags.token !== undefined && flags.tokenFile !== undefined)
    throw new QgjobError('invalid', '--token-file: give it or --token, not both');
  if (flags.token === '-') return given(readTokenFile('-'), '--token');
  return given(flags.token, '--token') ?? tokenIn(flags, cwd);
}

const tokenIn = ({ tokenFile }: ConnectionFlags, cwd: string): Found | undefined =>
  tokenFile === undefined
    ? undefined
    : given(readTokenFile(tokenFile === '-' ? '-' : resolve(cwd, tokenFile)), '--token-file');

/** The token that belongs to this server; it must not reach another one. */
function tokenFor({ value, by: namedBy }: FoundServer, places: Places): FoundToken | undefined {
  const { env, dataDir, profiles } = places;
  const ofProfile = () => given(profiles.of(value)?.token, 'the profile of `qgjob login`');
  // Anybody who can write a file here could name any server, so it gets that of a login there, or none.
  if (namedBy === 'file' || namedBy === 'profile') return ofProfile();
  const variable = namedBy === 'folder' ? undefined : given(env.QGJOB_TOKEN, 'QGJOB_TOKEN');
  return variable ?? ofProfile() ?? (isOwnServer(value, dataDir) ? keptToken(dataDir) : undefined);
}

function keptToken({ path, name }: DataDir): FoundToken | undefined {
  const kept = given(readText(join(path, 'admin.token'))?.trim(), `${name}/admin.token`);
  return kept && { ...kept, isKept: true };
}

/** By the address: another one of this machine may be another program's. */
function isOwnServer(url: string, dataDir: DataDir): boolean {
  const own = serverOf(dataDir);
  return typeof own === 'string' && URL.parse(own)?.origin === new URL(url).origin;
}

function whyNoToken({ value, from, by: namedBy }: FoundServer, { env, dataDir }: Places): string {
  if (namedBy === 'file') {
    return `${from} names ${value}, and a file in a folder gets no token: sign in with \`qgjob login ${value}\`, or set QGJOB_SERVER_URL=${value} together with QGJOB_TOKEN, or give --token`;
  }
  if (namedBy === 'folder' && given(env.QGJOB_TOKEN, 'QGJOB_TOKEN')) {
    return `QGJOB_TOKEN goes to the server of QGJOB_SERVER_URL alone: set QGJOB_SERVER_URL=${value} too, or give --token`;
  }
  const kept = keptToken(dataDir);
  return kept
    ? `no token for ${value}: give --token or set QGJOB_TOKEN (${kept.from} is for the server of that folder alone)`
    : `no token found: sign in with \`qgjob login ${value}\`, give --token, set QGJOB_TOKEN, or run this in the folder that holds the .qgjob of the server`;
}

export function checkToken(found: FoundToken): FoundToken {
  if (/^[\x21-\x7e]+$/.test(found.value)) return found;
  throw new QgjobError('unauthorized', `${found.from}: holds characters that no token has; copy it again`);
}

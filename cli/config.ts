import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { checkServerUrl } from '../client/server-url.ts';
import { QgjobError } from '../protocol/errors.ts';
import { readJson, readText } from './read-files.ts';
import { readTokenFile } from './token-file.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The flags of every command that calls a server. */
export interface ConnectionFlags {
  readonly serverUrl?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly dataDir?: string | undefined;
  /** Whether plain http to other hosts is allowed. */
  readonly allowHttp?: boolean | undefined;
}

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

interface Found {
  readonly value: string;
  readonly from: string;
}

/** What named the server; it decides which token may go there. */
type NamedBy = 'flag' | 'variable' | 'file' | 'folder';

interface FoundToken extends Found {
  /** It is the operator's of the data folder. */
  readonly isKept?: boolean;
}

interface FoundServer extends Found {
  readonly by: NamedBy;
}

const configFile = 'qgjob.config.json';
const defaultDataDir = '.qgjob';

export const environment = (): Variables => process.env;
export const isDebug = (env: Variables = process.env): boolean => (env.QGJOB_DEBUG ?? '') !== '';
/** True for a terminal that cannot redraw a line. */
export const isDumbTerminal = (env: Variables = process.env): boolean => env.TERM === 'dumb';

/**
 * The server: of the flag, else of the variable, else of qgjob.config.json, else of the data folder here. A token goes
 * only to its own server: that of a flag to any, QGJOB_TOKEN to one of QGJOB_SERVER_URL or the flag, the data folder's token
 * to the server of that folder. None but that of a flag goes to a server that qgjob.config.json names. Errors: `invalid`
 * (a bad URL or file), `unavailable` (no server), `unauthorized` (no token).
 */
export function findConnection(
  flags: ConnectionFlags,
  env: Variables = process.env,
  cwd = process.cwd(),
): Connection {
  const given = flags.dataDir || env.QGJOB_DATA_DIR || defaultDataDir;
  const dataDir = { path: resolve(cwd, given), name: given };
  const server = findServer(flags, env, cwd, dataDir);
  const token = findToken(flags, env, cwd, dataDir, server);
  const { tokenFile = '-' } = flags;
  return {
    ...{ url: server.value, urlFrom: server.from, token: token.value, tokenFrom: token.from },
    tokenFile: tokenFile === '-' ? undefined : resolve(cwd, tokenFile),
    ownDataDir: token.isKept ? dataDir.path : undefined,
  };
}

interface DataDir {
  readonly path: string;
  /** As the user wrote it. */
  readonly name: string;
}

function findServer(flags: ConnectionFlags, env: Variables, cwd: string, dataDir: DataDir): FoundServer {
  const found =
    by('flag', given(flags.serverUrl, '--server-url')) ??
    by('variable', given(env.QGJOB_SERVER_URL, 'QGJOB_SERVER_URL')) ??
    by('file', given(readConfigFile(join(cwd, configFile)), configFile)) ??
    by('folder', given(serverOf(dataDir), `${dataDir.name}/server.json`));
  if (found) return { ...found, value: checkUrl(found, flags, env) };
  const above = folderAbove(cwd);
  throw new QgjobError(
    'unavailable',
    above
      ? `no server found for this folder, but there is one in ${above}: run this there, or give --data-dir=${join(relative(cwd, above), defaultDataDir)}`
      : 'no server found: start one in this folder with `qgjob server` or `qgjob dev`, or give --server-url',
  );
}

/** Strict: a spelling mistake in it must not lead to another server. Errors: `invalid`. */
function readConfigFile(path: string): unknown {
  const config = readJson(path, configFile);
  if (config === undefined) return undefined;
  const other = Object.keys(config).find((key) => key !== 'server_url');
  if (other !== undefined) {
    throw new QgjobError(
      'invalid',
      `${configFile}: ${JSON.stringify(other)} is not known; it holds "server_url" alone`,
    );
  }
  if (given(config.server_url, configFile) === undefined)
    throw new QgjobError('invalid', `${configFile}: "server_url" must be the server's address, as text`);
  return config.server_url;
}

/** The nearest folder above with a running server. Only suggested: test paths are relative to the current folder. */
function folderAbove(cwd: string): string | undefined {
  const above = dirname(cwd);
  if (above === cwd) return undefined;
  return existsSync(join(above, defaultDataDir, 'server.json')) ? above : folderAbove(above);
}

const by = (who: NamedBy, found: Found | undefined): FoundServer | undefined =>
  found && { ...found, by: who };

function findToken(
  flags: ConnectionFlags,
  env: Variables,
  cwd: string,
  dataDir: DataDir,
  server: FoundServer,
): FoundToken {
  if (flags.token !== undefined && flags.tokenFile !== undefined)
    throw new QgjobError('invalid', '--token-file: give it or --token, not both');
  const found = given(flags.token, '--token') ?? tokenIn(flags, cwd) ?? tokenFor(server, env, dataDir);
  if (found) return checkToken(found);
  throw new QgjobError('unauthorized', whyNoToken(server, env, dataDir));
}

const tokenIn = ({ tokenFile }: ConnectionFlags, cwd: string): Found | undefined =>
  tokenFile === undefined
    ? undefined
    : given(readTokenFile(tokenFile === '-' ? '-' : resolve(cwd, tokenFile)), '--token-file');

/** The token that belongs to this server; it must not reach another one. */
function tokenFor(
  { value, by: namedBy }: FoundServer,
  env: Variables,
  dataDir: DataDir,
): FoundToken | undefined {
  // Anybody who can write a file here could name any server, so it gets no token.
  if (namedBy === 'file') return undefined;
  const variable = namedBy === 'folder' ? undefined : given(env.QGJOB_TOKEN, 'QGJOB_TOKEN');
  return variable ?? (isOwnServer(value, dataDir) ? keptToken(dataDir) : undefined);
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

function whyNoToken({ value, from, by: namedBy }: FoundServer, env: Variables, dataDir: DataDir): string {
  if (namedBy === 'file') {
    return `${from} names ${value}, and a file in a folder gets no token: set QGJOB_SERVER_URL=${value} together with QGJOB_TOKEN, or give --token`;
  }
  if (namedBy === 'folder' && given(env.QGJOB_TOKEN, 'QGJOB_TOKEN')) {
    return `QGJOB_TOKEN goes to the server of QGJOB_SERVER_URL alone: set QGJOB_SERVER_URL=${value} too, or give --token`;
  }
  const kept = keptToken(dataDir);
  return kept
    ? `no token for ${value}: give --token or set QGJOB_TOKEN (${kept.from} is for the server of that folder alone)`
    : 'no token found: give --token or set QGJOB_TOKEN, or run this in the folder that holds the .qgjob of the server';
}

const serverOf = ({ path, name }: DataDir): unknown =>
  readJson(join(path, 'server.json'), `${name}/server.json`)?.url;

const given = (value: unknown, from: string): Found | undefined =>
  typeof value === 'string' && value.trim() !== '' ? { value: value.trim(), from } : undefined;

const checkUrl = ({ value, from }: Found, flags: ConnectionFlags, env: Variables): string =>
  checkServerUrl(value, {
    from,
    allowHttp: flags.allowHttp === true || ['1', 'true'].includes(env.QGJOB_ALLOW_HTTP ?? ''),
    allowHttpBy: '--allow-http or QGJOB_ALLOW_HTTP=1',
  });

function checkToken(found: FoundToken): FoundToken {
  if (/^[\x21-\x7e]+$/.test(found.value)) return found;
  throw new QgjobError('unauthorized', `${found.from}: holds characters that no token has; copy it again`);
}

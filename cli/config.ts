import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { checkServerUrl } from '../client/server-url.ts';
import { QgjobError } from '../protocol/errors.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The flags that every command has which talks to a server. */
export interface ConnectionFlags {
  readonly serverUrl?: string | undefined;
  readonly token?: string | undefined;
  readonly dataDir?: string | undefined;
  /** Plain http also to other hosts. */
  readonly allowHttp?: boolean | undefined;
}

/** Where to call and as whom, and where each was found. */
export interface Connection {
  readonly url: string;
  readonly token: string;
  readonly urlFrom: string;
  readonly tokenFrom: string;
}

interface Found {
  readonly value: string;
  readonly from: string;
}

/** Who named the server: it decides which token is for it. */
type NamedBy = 'flag' | 'variable' | 'file' | 'folder';

interface FoundServer extends Found {
  readonly by: NamedBy;
}

const configFile = 'qgjob.config.json';
const defaultDataDir = '.qgjob';

export const environment = (): Variables => process.env;
export const isDebug = (env: Variables = process.env): boolean => (env.QGJOB_DEBUG ?? '') !== '';
/** A terminal that cannot redraw a line. */
export const isDumbTerminal = (env: Variables = process.env): boolean => env.TERM === 'dumb';

/**
 * The server is the first that is there of: flag, variable, qgjob.config.json, the data folder in the current folder.
 * A token goes to its own server alone: `--token` where the command goes, QGJOB_TOKEN to QGJOB_SERVER_URL or a flag's
 * URL, that of the data folder to the server that runs on it, and none to a server that a file in the current folder
 * names. Errors: `invalid` (a bad URL or file), `unavailable` (no server), `unauthorized` (no token).
 */
export function findConnection(
  flags: ConnectionFlags,
  env: Variables = process.env,
  cwd = process.cwd(),
): Connection {
  const given = flags.dataDir || env.QGJOB_DATA_DIR || defaultDataDir;
  const dataDir = { path: resolve(cwd, given), name: given };
  const server = findServer(flags, env, cwd, dataDir);
  const token = findToken(flags, env, dataDir, server);
  return { url: server.value, urlFrom: server.from, token: token.value, tokenFrom: token.from };
}

interface DataDir {
  readonly path: string;
  /** As it was given. */
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

/** A slip of the pen in it must not lead to another server. Errors: `invalid`. */
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

/** The nearest folder above whose server is running: not used unasked, since test paths are relative to the folder. */
function folderAbove(cwd: string): string | undefined {
  const above = dirname(cwd);
  if (above === cwd) return undefined;
  return existsSync(join(above, defaultDataDir, 'server.json')) ? above : folderAbove(above);
}

const by = (who: NamedBy, found: Found | undefined): FoundServer | undefined =>
  found && { ...found, by: who };

function findToken(flags: ConnectionFlags, env: Variables, dataDir: DataDir, server: FoundServer): Found {
  const found = given(flags.token, '--token') ?? tokenFor(server, env, dataDir);
  if (found) return checkToken(found);
  throw new QgjobError('unauthorized', whyNoToken(server, env, dataDir));
}

/** What belongs to this server, and may be told to no other. */
function tokenFor({ value, by: namedBy }: FoundServer, env: Variables, dataDir: DataDir): Found | undefined {
  // Whoever may write a file here could name any server: none of our tokens is for it.
  if (namedBy === 'file') return undefined;
  const variable = namedBy === 'folder' ? undefined : given(env.QGJOB_TOKEN, 'QGJOB_TOKEN');
  return variable ?? (isOwnServer(value, dataDir) ? keptToken(dataDir) : undefined);
}

const keptToken = ({ path, name }: DataDir): Found | undefined =>
  given(readText(join(path, 'admin.token'))?.trim(), `${name}/admin.token`);

/** Any other address of this machine may be another program's. */
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

function checkToken(found: Found): Found {
  if (/^[\x21-\x7e]+$/.test(found.value)) return found;
  throw new QgjobError('unauthorized', `${found.from}: holds characters that no token has; copy it again`);
}

function readJson(path: string, name: string): Record<string, unknown> | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new QgjobError('invalid', `${name}: is not a JSON object; repair or remove it`);
}

/** Undefined where there is no such file; one that may not be read is an error of the system's. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

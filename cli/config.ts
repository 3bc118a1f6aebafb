import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { QgjobError } from '../protocol/errors.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The flags that every command has which talks to a server. */
export interface ConnectionFlags {
  readonly serverUrl?: string | undefined;
  readonly token?: string | undefined;
  readonly dataDir?: string | undefined;
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

const configFile = 'qgjob.config.json';
const defaultDataDir = '.qgjob';

export const environment = (): Variables => process.env;
export const isDebug = (env: Variables = process.env): boolean => (env.QGJOB_DEBUG ?? '') !== '';
/** A terminal that cannot redraw a line. */
export const isDumbTerminal = (env: Variables = process.env): boolean => env.TERM === 'dumb';

/**
 * Server and token, the first that is there of: flags, variables, qgjob.config.json (server only), the data folder in
 * the current folder. Errors: `invalid` (a bad URL or file), `unavailable` (no server), `unauthorized` (no token).
 */
export function findConnection(
  flags: ConnectionFlags,
  env: Variables = process.env,
  cwd = process.cwd(),
): Connection {
  const given = flags.dataDir || env.QGJOB_DATA_DIR || defaultDataDir;
  const dataDir = { path: resolve(cwd, given), name: given };
  const server = findServer(flags, env, cwd, dataDir);
  const token = findToken(flags, env, dataDir, server.value);
  return { url: server.value, urlFrom: server.from, token: token.value, tokenFrom: token.from };
}

interface DataDir {
  readonly path: string;
  /** As it was given. */
  readonly name: string;
}

function findServer(flags: ConnectionFlags, env: Variables, cwd: string, dataDir: DataDir): Found {
  const found =
    given(flags.serverUrl, '--server-url') ??
    given(env.QGJOB_SERVER_URL, 'QGJOB_SERVER_URL') ??
    given(readJson(join(cwd, configFile), configFile)?.server_url, configFile) ??
    given(serverOf(dataDir), `${dataDir.name}/server.json`);
  if (found) return { ...found, value: checkUrl(found) };
  const above = folderAbove(cwd);
  throw new QgjobError(
    'unavailable',
    above
      ? `no server found for this folder, but there is one in ${above}: run this there, or give --data-dir=${join(relative(cwd, above), defaultDataDir)}`
      : 'no server found: start one in this folder with `qgjob server` or `qgjob dev`, or give --server-url',
  );
}

/** The nearest folder above whose server is running: not used unasked, since test paths are relative to the folder. */
function folderAbove(cwd: string): string | undefined {
  const above = dirname(cwd);
  if (above === cwd) return undefined;
  return existsSync(join(above, defaultDataDir, 'server.json')) ? above : folderAbove(above);
}

function findToken(flags: ConnectionFlags, env: Variables, dataDir: DataDir, url: string): Found {
  const found = given(flags.token, '--token') ?? given(env.QGJOB_TOKEN, 'QGJOB_TOKEN');
  if (found) return checkToken(found);
  const kept = given(readText(join(dataDir.path, 'admin.token'))?.trim(), `${dataDir.name}/admin.token`);
  if (kept && isOwnServer(url, dataDir)) return checkToken(kept);
  throw new QgjobError(
    'unauthorized',
    kept
      ? `no token for ${url}: give --token or set QGJOB_TOKEN (${kept.from} is for the server of that folder alone)`
      : 'no token found: give --token or set QGJOB_TOKEN, or run this in the folder that holds the .qgjob of the server',
  );
}

/** The operator's token must not reach a stranger because a file in the current folder names one as the server. */
function isOwnServer(url: string, dataDir: DataDir): boolean {
  const own = serverOf(dataDir);
  const { origin, hostname } = new URL(url);
  if (typeof own === 'string' && URL.canParse(own) && new URL(own).origin === origin) return true;
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

const serverOf = ({ path, name }: DataDir): unknown =>
  readJson(join(path, 'server.json'), `${name}/server.json`)?.url;

const given = (value: unknown, from: string): Found | undefined =>
  typeof value === 'string' && value.trim() !== '' ? { value: value.trim(), from } : undefined;

function checkUrl({ value, from }: Found): string {
  if (/^https?:\/\/[^/]/.test(value) && URL.canParse(value)) return value.replace(/\/+$/, '');
  throw new QgjobError(
    'invalid',
    `${from}: "${value}" is not a server's URL; it begins with http:// or https://`,
  );
}

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

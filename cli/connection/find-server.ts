import { existsSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { checkServerUrl, isLoopback } from '../../client/server-url.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { readJson } from '../read-files.ts';
import {
  type ConnectionFlags,
  type DataDir,
  type Found,
  type FoundServer,
  given,
  type NamedBy,
  type Places,
  type Variables,
} from './types.ts';

const configFile = 'qgjob.config.json';

/**
 * The server: of the flag, else of the variable, else of qgjob.config.json, else of the profile, else of the data folder
 * here. Errors: `invalid` (a bad URL or file), `unavailable` (no server).
 */
export function findServer({ flags, env, cwd, dataDir, profiles }: Places): FoundServer {
  const found =
    by('flag', given(flags.serverUrl, '--server-url')) ??
    by('variable', given(env.QGJOB_SERVER_URL, 'QGJOB_SERVER_URL')) ??
    by('file', given(readConfigFile(join(cwd, configFile)), configFile)) ??
    // A folder that is named goes before what a login left.
    by('profile', given(flags.dataDir ? undefined : profiles.main?.url, 'the profile of `qgjob login`')) ??
    by('folder', given(serverOf(dataDir), `${dataDir.name}/server.json`));
  if (found?.by === 'folder' && !dataDir.isNamed) refuseForeign(found, dataDir);
  if (found) return { ...found, value: checkUrl(found, flags, env) };
  throw new QgjobError('unavailable', whyNone(cwd));
}

/**
 * A folder that nobody named may have come with a checkout: its server would get what lies here, and an agent would run what
 * that server says. A server writes its file as its own user, with an address of this machine. Errors: `invalid`.
 */
function refuseForeign({ value, from }: Found, { path }: DataDir): void {
  const owner = statSync(join(path, 'server.json'), { throwIfNoEntry: false })?.uid;
  const isOurs = owner === undefined || process.getuid === undefined || [0, process.getuid()].includes(owner);
  if (isOurs && isOfThisMachine(URL.parse(value)?.hostname ?? '')) return;
  const why = isOurs ? `names ${value}, which is not on this machine` : 'belongs to another user';
  throw new QgjobError(
    'invalid',
    `${from} ${why}: it may have come with the folder. Where it is right, say so by --data-dir or --server-url`,
  );
}

/** What is no address at all is refused later, in other words. */
const isOfThisMachine = (host: string): boolean =>
  host === '' ||
  isLoopback(host) ||
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === host));

function whyNone(cwd: string): string {
  const above = folderAbove(cwd);
  return above
    ? `no server found for this folder, but there is one in ${above}: run this there, or give --data-dir=${join(relative(cwd, above), defaultDataDir)}`
    : 'no server found: start one in this folder with `qgjob server` or `qgjob dev`, sign in to one with `qgjob login <url>`, or give --server-url';
}

/** Strict: a spelling mistake in it must not lead to another server. Errors: `invalid`. */
function readConfigFile(path: string): unknown {
  const config = readJson(path, configFile);
  if (config === undefined) return undefined;
  const other = Object.keys(config).find((key) => key !== 'server_url' && key !== '$schema');
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

export const defaultDataDir = '.qgjob';

export const serverOf = ({ path, name }: DataDir): unknown =>
  readJson(join(path, 'server.json'), `${name}/server.json`)?.url;

export const checkUrl = ({ value, from }: Found, flags: ConnectionFlags, env: Variables): string =>
  checkServerUrl(value, {
    from,
    allowHttp: flags.allowHttp === true || ['1', 'true'].includes(env.QGJOB_ALLOW_HTTP ?? ''),
    allowHttpBy: '--allow-http or QGJOB_ALLOW_HTTP=1',
  });

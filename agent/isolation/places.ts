import { realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';
import { type AgentConfig, tokenFilesOf } from '../config.ts';
import type { SpaceFolders } from './isolation.ts';
import type { Place, Sight } from './mount-view.ts';

export interface LookOptions {
  readonly config: Pick<
    AgentConfig,
    'dataDir' | 'name' | 'settingsFile' | 'isolation' | 'tokenFiles' | 'serverFolder'
  >;
  /** The users whose session's folder is hidden: by its sockets a test could start processes elsewhere. */
  readonly uids: readonly number[];
  /** Whether the host can put a layer over a folder, so that what is written there stays with the lease. */
  readonly canLayer: boolean;
}

/**
 * What a lease sees of the host's files: no data folder of the agent or of its server, no file with a token, no other lease, nothing
 * that others wrote into folders for temporary files; and what it writes at home or into a workspace stays with it.
 */
export async function findPlaces(
  { folder, root, device }: SpaceFolders,
  home: string,
  { config, uids, canLayer }: LookOptions,
): Promise<readonly Place[]> {
  const wanted: (readonly [path: string, sight: Sight])[] = [
    ...[
      tmpdir(),
      '/tmp',
      '/var/tmp',
      dirname(config.dataDir),
      ...(config.serverFolder ? [config.serverFolder] : []),
    ].map((path) => [path, 'hidden'] as const),
    ...uids.map((uid) => [`/run/user/${uid}`, 'hidden'] as const),
    ...[config.settingsFile, ...tokenFilesOf(config), ...databaseOf(config)].map(
      (path) => [path, 'emptied'] as const,
    ),
    ['/dev/shm', 'fresh'],
    [folder, 'shown'],
    [device, 'shown'],
    ['/tmp/.X11-unix', 'shown'],
    ...config.isolation.visible.map((path) => [path, 'shown'] as const),
    ...[root, home]
      .filter((path) => pathInside(folder, path) === undefined)
      .map((path) => [path, canLayer && isLayerable(path) ? 'layered' : 'shown'] as const),
  ];
  const found = await Promise.all(wanted.map(([path, sight]) => findPlace(path, sight)));
  return found.filter((place) => place !== undefined);
}

/** It holds the key of all lease tokens. The folder of a server may be the workspace, which is not hidden. */
const databaseOf = ({ serverFolder }: LookOptions['config']): string[] =>
  serverFolder === undefined
    ? []
    : ['qgjob.db', 'qgjob.db-wal', 'qgjob.db-shm'].map((name) => join(serverFolder, name));

/** Undefined where nothing is there. The root itself is no place. */
async function findPlace(path: string, sight: Sight): Promise<Place | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || real === '/') return undefined;
  return { path: real, sight, isFile: !(await stat(real)).isDirectory() };
}

/** The options of an overlay know no way to write these. */
export const isLayerable = (path: string): boolean => !/[,:\\"]/.test(path);

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathInside } from '../../client/path-inside.ts';
import { passedNames } from '../children/child-env.ts';
import type { Command } from '../children/run-child.ts';
import { makeNew } from '../folders.ts';
import type { Enclosed, Isolation, Space, SpaceFolders } from './isolation.ts';
import type { TestUser } from './test-user.ts';
import { giveTo, openUserFolders } from './user-folders.ts';

const run = promisify(execFile);

export interface ContainerOptions {
  readonly engine: 'docker' | 'podman';
  readonly image: string;
  /** Tests run under this number: root's agent gives them another user, others their own. */
  readonly user: TestUser;
  readonly isRoot: boolean;
  /** More of the host's files that tests may read. */
  readonly visible: readonly string[];
}

/** Each program of a lease runs in a container of its own. It sees the lease's folder, at the same path, and its image. */
export const containerIsolation = (options: ContainerOptions): Isolation => ({
  says: `isolation container: tests run in ${options.image}, by ${options.engine}`,
  isOutside: true,
  mayKeep: true,
  openSpace: (folders) => openSpace(folders, options),
});

async function openSpace(folders: SpaceFolders, options: ContainerOptions): Promise<Space> {
  const { user, isRoot } = options;
  if (isRoot) await openUserFolders(folders, user);
  const give = async (folder: string): Promise<void> => {
    if (isRoot) await giveTo(user, folder);
  };
  const home = await makeNew(folders.folder, 'home-');
  await give(home);
  return {
    give,
    enclose: async (command) => {
      const name = `qgjob-${randomUUID()}`;
      const place = { ...folders, home, name };
      return enclosed(containerCommand(command, place, options), place, options);
    },
  };
}

/** The engine's client ends at a SIGKILL without its container: that is removed by name. */
function enclosed(command: Command, { home, name }: ContainerPlace, { engine }: ContainerOptions): Enclosed {
  return {
    command,
    enclosure: {
      isLowered: false,
      started: () => undefined,
      end: async () => {
        const env = { ...command.env };
        await run(engine, ['rm', '--force', '--volumes', name], { env }).catch(() => undefined);
      },
      whyNotBegun: () =>
        existsSync(join(home, name))
          ? undefined
          : `${engine} did not start the container; its output says why`,
    },
  };
}

export interface ContainerPlace extends SpaceFolders {
  readonly home: string;
  readonly name: string;
}

/** Notes that it was begun, then becomes the program. */
const beginScript = 'entered=$1\nshift\n: > "$entered" && exec "$@"';

/** Names that mean this host's own programs and folders. */
const ofHost = new Set<string>(passedNames.filter((name) => !/^(LANG|LC_|TZ|NODE_OPTIONS)/.test(name)));

/**
 * The engine's command line. Variables are named alone, so that their values are in no list of processes; signals to the
 * client reach the program, since the first process of the container (`--init`) passes them on.
 */
export function containerCommand(
  command: Command,
  { folder, root, device, home, name }: ContainerPlace,
  { engine, image, user, isRoot, visible }: ContainerOptions,
): Command {
  const isOwn = pathInside(folder, root) !== undefined;
  const seen = [...(isOwn ? [] : [root]), ...visible];
  const names = Object.keys(command.env).filter((variable) => !ofHost.has(variable));
  const [file = '', ...words] = command.argv;
  return {
    cwd: '/',
    env: command.env,
    argv: [
      ...[engine, 'run', '--rm', '--init', '--name', name, '--network', 'host', '--shm-size', '1g'],
      ...['--user', `${user.uid}:${user.gid}`],
      ...(engine === 'podman' && !isRoot ? ['--userns', 'keep-id'] : []),
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...[
        '--mount',
        bind(folder),
        '--mount',
        bind(device),
        ...seen.flatMap((path) => ['--mount', `${bind(path)},readonly`]),
      ],
      ...['--workdir', command.cwd, '--env', `HOME=${home}`],
      ...names.flatMap((variable) => ['--env', variable]),
      ...['--entrypoint', '/bin/sh', image, '-c', beginScript, 'qgjob', join(home, name)],
      // The agent's own Node is no program of the image.
      ...[file === process.execPath ? 'node' : file, ...words],
    ],
  };
}

/** Fields are separated by commas, and quoted where they have one. */
const bind = (path: string): string =>
  ['type=bind', `source=${path}`, `target=${path}`]
    .map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');

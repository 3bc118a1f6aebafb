import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../children/run-child.ts';
import { type Cgroups, endGroup } from './cgroups.ts';
import { enterScript, firstProcessScript } from './enter-script.ts';
import type { Enclosed, Isolation, Space, SpaceFolders } from './isolation.ts';
import { makeView, type View } from './make-view.ts';
import type { Place } from './mount-view.ts';
import { startWords } from './start-words.ts';
import type { TestUser } from './test-user.ts';
import { becomeWords, giveTo, openUserFolders } from './user-folders.ts';

export interface NamespaceOptions {
  /** Of the tests: root's agent gives them another user, others their own. */
  readonly user: TestUser;
  readonly isRoot: boolean;
  /** What a lease sees of the host's files. */
  readonly look: (folders: SpaceFolders, home: string) => Promise<readonly Place[]>;
  readonly cgroups: Cgroups | undefined;
  /** What tests write at home ends with their lease. */
  readonly homeEnds: boolean;
  readonly says: string;
}

/**
 * Tests have process and mount namespaces of their own: they see no other process, and of the host's files what the view
 * leaves. The kernel ends all of them with the first process.
 */
export const namespaceIsolation = (options: NamespaceOptions): Isolation => ({
  says: options.says,
  isOutside: true,
  mayKeep: options.homeEnds,
  openSpace: (folders) => openSpace(folders, options),
});

async function openSpace(folders: SpaceFolders, options: NamespaceOptions): Promise<Space> {
  const { user, isRoot, look, cgroups } = options;
  const env = isRoot ? await openUserFolders(folders, user) : {};
  const view = await makeView(await look(folders, env.HOME ?? user.home), folders.folder);
  return {
    give: async (folder) => {
      if (isRoot) await giveTo(user, folder);
    },
    enclose: async (command) => {
      const group = await cgroups?.make();
      const entered = join(view.scratch, `entered-${randomUUID()}`);
      const inside = { ...command, env: { ...command.env, ...env } };
      const words = [
        ...startWords(group),
        ...namespaceWords(options),
        ...enterWords(view, entered, inside, options),
      ];
      return enclosed({ ...inside, argv: words, cwd: '/' }, group, entered);
    },
  };
}

function enclosed(command: Command, group: string | undefined, entered: string): Enclosed {
  return {
    command,
    enclosure: {
      isLowered: true,
      started: () => undefined,
      end: () => endGroup(group),
      whyNotBegun: () =>
        (statSync(entered, { throwIfNoEntry: false })?.size ?? 0) > 0
          ? undefined
          : 'the namespace of the test could not be made; its output says why',
    },
  };
}

/** Root needs no user namespace; another user gets its rights over mounts from one. */
const namespaceWords = ({ isRoot }: NamespaceOptions): string[] => [
  'unshare',
  ...(isRoot ? [] : ['--user', '--map-root-user']),
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--ipc',
];

function enterWords(view: View, entered: string, command: Command, options: NamespaceOptions): string[] {
  const { isRoot, user } = options;
  return [
    ...['/bin/sh', '-c', enterScript, 'qgjob'],
    ...[view.tree, isRoot ? '' : ',userxattr', entered, command.cwd],
    ...view.steps.flat(),
    '--',
    ...(isRoot ? stayWithParent(becomeWords(user)) : dropWords(user)),
    ...['--', '/bin/sh', '-c', firstProcessScript, 'qgjob'],
    ...command.argv,
  ];
}

/** A change of user would undo `--kill-child`. No program inside may become root again. */
const stayWithParent = (words: readonly string[]): string[] => [
  ...words,
  '--no-new-privs',
  '--pdeathsig',
  'keep',
];

/** A second user namespace inside of the first one: what runs in it has no right over the mounts, and its usual user. */
const dropWords = ({ uid, gid }: TestUser): string[] => [
  'unshare',
  '--user',
  `--map-user=${uid}`,
  `--map-group=${gid}`,
];

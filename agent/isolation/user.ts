import type { Command } from '../children/run-child.ts';
import { type Cgroups, endGroup } from './cgroups.ts';
import type { Enclosed, Isolation, Space, SpaceFolders } from './isolation.ts';
import { startWords } from './start-words.ts';
import type { TestUser } from './test-user.ts';
import { becomeWords, giveTo, openUserFolders } from './user-folders.ts';

/** Tests run as another user of the system: what the agent alone may read or write is out of their reach. */
export function userIsolation(user: TestUser, cgroups: Cgroups | undefined): Isolation {
  return {
    says: `isolation user: tests run as ${user.name}; they can reach what other tests of that user run and write`,
    isOutside: true,
    mayKeep: false,
    openSpace: (folders) => openSpace(folders, user, cgroups),
  };
}

async function openSpace(
  folders: SpaceFolders,
  user: TestUser,
  cgroups: Cgroups | undefined,
): Promise<Space> {
  const env = await openUserFolders(folders, user);
  return {
    give: (folder) => giveTo(user, folder),
    enclose: async (command) => enclose({ ...command, env: { ...command.env, ...env } }, user, cgroups),
  };
}

async function enclose(command: Command, user: TestUser, cgroups: Cgroups | undefined): Promise<Enclosed> {
  const group = await cgroups?.make();
  return {
    command: {
      ...command,
      // Programs that would be another user's (crontab, at, sudo) are its own: through them it could leave its group.
      argv: [...startWords(group), ...becomeWords(user), '--no-new-privs', '--', ...command.argv],
    },
    enclosure: {
      isLowered: true,
      started: () => undefined,
      end: () => endGroup(group),
      whyNotBegun: () => undefined,
    },
  };
}

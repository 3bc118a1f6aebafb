import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from '../children/run-child.ts';
import { programOn } from '../frameworks/find-program.ts';
import { type Cgroups, endGroup } from './cgroups.ts';
import type { Enclosed, Isolation } from './isolation.ts';
import { startWords } from './start-words.ts';

/** Tests run as the agent's user, beside it. What they started ends with them, by a cgroup where the host has one. */
export function noIsolation(cgroups: Cgroups | undefined): Isolation {
  return {
    says: 'isolation none: tests can read what this user can read, and reach what other tests run and write',
    isOutside: false,
    mayKeep: true,
    openSpace: async () => ({ give: async () => undefined, enclose: (command) => enclose(cgroups, command) }),
  };
}

/** What is not there is started as it is: then the system says so, and not a shell around it. */
const canStart = ({ argv: [file = ''], cwd, env }: Command): boolean =>
  file.includes('/') ? existsSync(resolve(cwd, file)) : programOn(env.PATH, file) !== undefined;

async function enclose(cgroups: Cgroups | undefined, command: Command): Promise<Enclosed> {
  const group = canStart(command) ? await cgroups?.make() : undefined;
  return {
    // In its group before it can start anything. It owns the group, so it can leave it all the same.
    command: group === undefined ? command : { ...command, argv: [...startWords(group), ...command.argv] },
    enclosure: {
      isLowered: group !== undefined,
      started: () => undefined,
      end: () => endGroup(group),
      whyNotBegun: () => undefined,
    },
  };
}

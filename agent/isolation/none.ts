import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../children/run-child.ts';
import { type Cgroups, endGroup } from './cgroups.ts';
import type { Enclosed, Isolation } from './isolation.ts';

/** Tests run as the agent's user, beside it. What they started ends with them, by a cgroup where the host has one. */
export function noIsolation(cgroups: Cgroups | undefined): Isolation {
  return {
    says: 'isolation none: tests can read what this user can read, and reach what other tests run and write',
    isOutside: false,
    mayKeep: true,
    openSpace: async () => ({ give: async () => undefined, enclose: (command) => enclose(cgroups, command) }),
  };
}

async function enclose(cgroups: Cgroups | undefined, command: Command): Promise<Enclosed> {
  const group = await cgroups?.make();
  return {
    command,
    enclosure: {
      isLowered: false,
      started: (pid) => {
        if (group !== undefined) addTo(group, pid);
      },
      end: () => endGroup(group),
      whyNotBegun: () => undefined,
    },
  };
}

/** What the process has started before this is found by its process group and its marker. */
function addTo(group: string, pid: number): void {
  try {
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
  } catch {
    // It has ended already.
  }
}

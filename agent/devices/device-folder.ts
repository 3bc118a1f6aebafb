import { randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentConfig } from '../config.ts';
import { makeOuterFolder, orWithout, removeFolder } from '../folders.ts';
import type { Slot } from './device.ts';

/** The folder for what an install leaves behind; its content lives as long as what is installed on the device. */
export async function deviceFolder(config: AgentConfig, slot: Slot): Promise<string> {
  slot.folder ??= await makeDeviceFolder(config);
  return slot.folder;
}

async function makeDeviceFolder(config: AgentConfig): Promise<string> {
  const parent = await makeOuterFolder(config);
  const folder = join(parent, 'device');
  await orWithout(parent, async () => void (await mkdir(folder, { mode: 0o700 })));
  return folder;
}

/** What goes with the agent: the folder of the device, in the one that was made for it. */
export const foldersOf = ({ folder }: Slot): string[] => (folder === undefined ? [] : [dirname(folder)]);

/**
 * Before another install: an empty folder of the same name. A link that a test put in its place is removed, not followed;
 * what a test made impossible to remove goes at a later start.
 */
export async function renewDeviceFolder(folder: string): Promise<void> {
  await removeFolder(folder).catch(() => rename(folder, `${folder}-${randomUUID()}`));
  await mkdir(folder, { mode: 0o700 });
}

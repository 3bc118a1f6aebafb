import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeAside } from '../folders.ts';
import { type MountStep, type Place, planView } from './mount-view.ts';

/** A view whose folders are made; the mounts come with each program. */
export interface View {
  /** Of the agent alone. */
  readonly scratch: string;
  /** Where the new tree is put together. */
  readonly tree: string;
  readonly steps: readonly MountStep[];
}

/**
 * Makes what the mounts of a view need, beside a lease's folder: no view shows it, so what a program of the lease does decides
 * nothing about the view of the next one.
 */
export async function makeView(places: readonly Place[], folder: string): Promise<View> {
  const scratch = await makeAside(folder, 'view-');
  const tree = join(scratch, 'tree');
  const plan = planView(places, scratch);
  for (const path of [tree, ...plan.folders]) await makeOpen(path);
  for (const path of plan.files) await writeFile(path, '', { flag: 'a' });
  for (const step of plan.steps) await openStep(step);
  return { scratch, tree, steps: plan.steps };
}

/** Makes a folder and those above it; in a view their users walk through them, whatever rights the agent gives what it makes. */
async function makeOpen(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

/** Anyone may write in a cover, as in the folder for temporary files; a layer looks like the folder that it lies on. */
async function openStep(step: MountStep): Promise<void> {
  if (step[0] === 'bind' && step[1] !== step[2] && step[1] !== '/dev/null') await chmod(step[1], 0o1777);
  if (step[0] !== 'overlay') return;
  const { mode, uid, gid } = await stat(step[1]);
  await chmod(step[2], mode & 0o7777);
  // A user can only make layers of its own.
  await chown(step[2], uid, gid).catch(() => undefined);
}

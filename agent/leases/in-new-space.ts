import { makeNew } from '../folders.ts';
import type { LeaseWork } from './lease-work.ts';

/** What is made for other leases too, and where. */
export interface NewSpace {
  readonly work: LeaseWork;
  /** An empty folder in which programs may write. */
  readonly top: string;
}

/**
 * The lease with a space that no program of its source has been in: folders, and where the isolation gives one a home, that
 * none of them could write to. What other leases will use must not depend on what a script of this one has left at home.
 */
export async function inNewSpace(work: LeaseWork): Promise<NewSpace> {
  const folder = await makeNew(work.folder, 'apart-');
  const top = await makeNew(folder, 'top-');
  const device = await makeNew(folder, 'device-');
  const space = await work.agent.isolation.openSpace({ folder, root: top, device });
  return { work: { ...work, folder, space }, top };
}

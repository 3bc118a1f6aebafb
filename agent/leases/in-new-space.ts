import { makeAside, makeLease, makeNew, removeLease } from '../folders.ts';
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
 * It is there for as long as `use` takes, and tests of the lease never see it. Errors: those of the disk and of `use`.
 */
export async function inNewSpace<T>(work: LeaseWork, use: (space: NewSpace) => Promise<T>): Promise<T> {
  const folder = await makeLease(await makeAside(work.folder, 'apart-'));
  try {
    const top = await makeNew(folder, 'top-');
    const device = await makeNew(folder, 'device-');
    const space = await work.agent.isolation.openSpace({ folder, root: top, device });
    return await use({ work: { ...work, folder, space }, top });
  } finally {
    // At the latest it goes with the lease.
    await removeLease(folder).catch(() => undefined);
  }
}

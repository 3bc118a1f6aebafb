import type { Command, Enclosure } from '../children/run-child.ts';

export const isolations = ['none', 'user', 'namespace', 'container'] as const;
export type IsolationName = (typeof isolations)[number];

/** How this host keeps what tests do away from the agent and from other leases. */
export interface Isolation {
  /** One line for the start of the agent: what tests can reach. */
  readonly says: string;
  /** Tests cannot get to folders of the agent: those of leases must lie in the system's temporary folder. */
  readonly isOutside: boolean;
  /**
   * While a lease is set up no other one can write where that happens, nor has one before (as into a home that is not the
   * lease's own), or it could as well write into the agent's own folder: what the set-up made may be kept for others.
   */
  readonly mayKeep: boolean;
  /** Prepares what one lease needs. */
  openSpace(folders: SpaceFolders): Promise<Space>;
}

export interface SpaceFolders {
  /** The lease's own folder; a real path. */
  readonly folder: string;
  /** The test code: in `folder`, or the agent's workspace. A real path. */
  readonly root: string;
  /** What an install left on the device, for reading and writing. A real path. */
  readonly device: string;
}

/** Where the programs of one lease run: its set-up, its install, its tests. */
export interface Space {
  /** Hands a folder of the lease, with all that is in it, to the user that tests run as. */
  give(folder: string): Promise<void>;
  /** How a program of the lease is started. */
  enclose(command: Command): Promise<Enclosed>;
}

export interface Enclosed {
  readonly command: Command;
  readonly enclosure: Enclosure;
}

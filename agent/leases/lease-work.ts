import type { Lease } from '../../protocol/shapes/agent.ts';
import { type Agent, isDraining } from '../agent.ts';
import type { Slot } from '../devices/device.ts';
import type { Preset } from '../frameworks/preset.ts';
import type { LiveLease } from '../loops/lease-book.ts';

/** A lease that is being worked on: who, what, where and how. */
export interface LeaseWork {
  readonly agent: Agent;
  readonly slot: Slot;
  readonly lease: Lease;
  readonly live: LiveLease;
  /** Of this lease alone, mode 0700, removed at its end. */
  readonly folder: string;
  /** The test code. */
  readonly root: string;
  readonly preset: Preset;
}

/**
 * Waits while the server does not answer, for it may give our jobs to others by now. True when the next job, or the
 * install, may be started; false when the lease is lost or the agent drains.
 */
export async function mayStart({ agent, live }: LeaseWork): Promise<boolean> {
  const over = AbortSignal.any([live.lost, agent.stop.drain, agent.intake.closed]);
  await agent.renewal.whenFresh(over);
  return !over.aborted && !isDraining(agent);
}

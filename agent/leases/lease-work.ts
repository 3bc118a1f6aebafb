import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import type { Preset } from '../frameworks/preset.ts';
import type { LiveLease } from './live-lease.ts';
import type { Slot } from './slot.ts';

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

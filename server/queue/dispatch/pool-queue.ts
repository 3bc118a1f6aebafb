import type { LeasePoll } from './lease-poll.ts';

/** The lease requests that wait in one pool. */
export interface PoolQueue {
  /** By device. */
  readonly polls: Map<string, LeasePoll>;
  /** The pool has changed since the last plan: the next plan is for all polls. */
  isDue: boolean;
  isPlanning: boolean;
  readonly unsubscribe: () => void;
}

/** The polls of the next plan: all where the pool has changed, else the new ones. */
export const nextPolls = ({ polls, isDue }: PoolQueue): LeasePoll[] =>
  [...polls.values()].filter(({ state }) => isDue || state === 'new');

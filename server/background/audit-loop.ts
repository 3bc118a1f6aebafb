import { createLoop, type Loop } from './loop.ts';

const lookMs = 10_000;

/** Writes down what calls were refused, a line for each caller and minute, once the minute is over. */
export const createAuditLoop = (
  writeRefused: () => Promise<void>,
  now: () => number,
  onError: (error: unknown) => void,
): Loop => createLoop({ name: 'audit', intervalMs: lookMs, now, onError, work: writeRefused });

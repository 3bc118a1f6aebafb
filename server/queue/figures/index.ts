// How the queue is and how it did: what the callers of the queue may use of this room.
export { readDepths, type TargetDepth } from './read-depths.ts';
export { type QueueGauges, readGauges } from './read-gauges.ts';
export { repairWaiting } from './repair-waiting.ts';

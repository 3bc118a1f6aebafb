// How the queue is and how it did: what the callers of the queue may use of this room.

export { readDepths, type TargetDepth } from './read-depths.ts';
export { readFigures } from './read-figures.ts';
export { type QueueGauges, readGauges } from './read-gauges.ts';
export { readSeries, type SeriesStep } from './read-series.ts';
export { repairWaiting } from './repair-waiting.ts';
export { sumFigures } from './sum-figures.ts';

import type { Deps } from '../store/deps.ts';
import { batchesOf } from './new-batches.ts';
import type { NewRun } from './new-run.ts';

/** Counts what people have submitted: a hunt is no work of theirs. */
export function countSubmitted({ meter }: Deps, made: readonly NewRun[]): void {
  const counted = made.filter(({ run }) => run.huntTimes === null);
  meter.count('runsSubmitted', {}, counted.length);
  for (const { first, n } of counted.flatMap(batchesOf))
    meter.count('jobsSubmitted', { target: first.target }, n);
}

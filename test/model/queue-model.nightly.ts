import { test } from 'vitest';
import { checkSequences, randomRuns } from './run-sequence.ts';

const runs = randomRuns(1000);

test(
  `every invariant holds after every step of ${runs.numRuns} random sequences (QGJOB_SEED=${runs.seed})`,
  { timeout: 3_600_000 },
  () => checkSequences(runs),
);

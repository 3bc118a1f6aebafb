import * as fc from 'fast-check';
import { checkInvariants } from './invariants.ts';
import { type Mutant, openModel } from './model.ts';
import { type Operation, operation } from './operation.ts';
import { perform } from './perform.ts';
import { settle } from './settle.ts';

export const sequences = fc.array(operation, { minLength: 10, maxLength: 60 });

/** Runs a sequence: all invariants hold after every step, and at the end every job ends. */
export async function runSequence(operations: readonly Operation[], mutant?: Mutant): Promise<boolean> {
  const model = await openModel(mutant);
  try {
    for (const one of operations) {
      await perform(model, one);
      await checkInvariants(model);
    }
    await settle(model);
    await checkInvariants(model);
    return model.mutated();
  } finally {
    await model.close();
  }
}

/** How many random sequences. QGJOB_SEED=… replays a failed run, QGJOB_RUNS=… sets their number. */
export function randomRuns(most: number): { readonly seed: number; readonly numRuns: number } {
  return {
    seed: Number(process.env.QGJOB_SEED ?? Date.now() % 2 ** 31),
    numRuns: Number(process.env.QGJOB_RUNS ?? most),
  };
}

/** Every invariant holds after every step. */
export const checkSequences = (runs: { readonly seed: number; readonly numRuns: number }): Promise<void> =>
  fc.assert(
    fc.asyncProperty(sequences, async (operations) => {
      await runSequence(operations);
    }),
    { ...runs, endOnFailure: false },
  );

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The evaluator of schedulers is not part of this repository. */
const program = 'evaluate.mjs';

/**
 * The evaluator's folder: the one that QGJOB_EVALUATOR names, or the one beside this checkout; undefined if there is
 * none. Throws if the variable names a folder without the evaluator.
 */
export function findEvaluator(named = process.env.QGJOB_EVALUATOR): string | undefined {
  const folder = resolve(root, named || '../shared/bench/scheduling');
  if (existsSync(join(folder, program))) return folder;
  if (named) throw new Error(`QGJOB_EVALUATOR names ${folder}, and there is no ${program} in it`);
  return undefined;
}

/** The same, but throws if there is no evaluator. */
export function mustFindEvaluator(): string {
  const folder = findEvaluator();
  if (folder === undefined)
    throw new Error(`the evaluator is not here: name the folder with its ${program} in QGJOB_EVALUATOR`);
  return folder;
}

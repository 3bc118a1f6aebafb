import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Of the evaluator of schedulers, which lies outside of this repository. */
const program = 'evaluate.mjs';

/**
 * The evaluator's folder: what QGJOB_EVALUATOR names, else the one beside this checkout; undefined where there is none.
 * Throws where the variable names a folder without it.
 */
export function findEvaluator(named = process.env.QGJOB_EVALUATOR): string | undefined {
  const folder = resolve(root, named || '../shared/bench/scheduling');
  if (existsSync(join(folder, program))) return folder;
  if (named) throw new Error(`QGJOB_EVALUATOR names ${folder}, and there is no ${program} in it`);
  return undefined;
}

/** The same for programs that cannot do without it. */
export function mustFindEvaluator(): string {
  const folder = findEvaluator();
  if (folder === undefined)
    throw new Error(`the evaluator is not here: name the folder with its ${program} in QGJOB_EVALUATOR`);
  return folder;
}

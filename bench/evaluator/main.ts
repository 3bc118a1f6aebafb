// `npm run bench:scheduling -- --only W1,W4`: runs the evaluator with the real store and scheduler and checks its
// targets. Arguments go to the evaluator. With `--if-there` a missing evaluator is a success, with a line that says so.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findEvaluator, mustFindEvaluator } from './find-evaluator.ts';

const adapter = join(import.meta.dirname, '../scheduling.ts');

/** Targets are for whole traces, so a run with --jobs-limit is not checked. */
function checksOf(folder: string, given: readonly string[]): string[] {
  const isPart = given.some((word) => word.startsWith('--jobs-limit'));
  return isPart ? [] : ['--check', join(folder, 'targets.json'), '--summary'];
}

async function evaluate(folder: string, given: readonly string[]): Promise<number> {
  const words = [join(folder, 'evaluate.mjs'), '--policy', adapter, ...checksOf(folder, given), ...given];
  const child = spawn(process.execPath, words, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

async function main(words: readonly string[]): Promise<number> {
  const given = words.filter((word) => word !== '--if-there');
  if (given.length < words.length && findEvaluator() === undefined) {
    console.log('skipped: the evaluator is not here');
    return 0;
  }
  return evaluate(mustFindEvaluator(), given);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

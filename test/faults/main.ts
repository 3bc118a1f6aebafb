import { parseArgs } from 'node:util';
import { runFaults } from './run-faults.ts';
import { summary } from './table.ts';

const usage = 'npm run faults -- [--seed=N] [--jobs=300] [--minutes=2]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readFlags() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      jobs: { type: 'string', default: '300' },
      minutes: { type: 'string', default: '2' },
    },
  });
  const numbers = { seed: Number(values.seed), jobs: Number(values.jobs), minutes: Number(values.minutes) };
  const isFine = Object.values(numbers).every((number) => number >= 0) && numbers.jobs >= 1;
  if (!isFine || numbers.minutes > 60 || numbers.jobs > 10_000)
    throw new Error('a number is not one, or too large');
  return numbers;
}

async function main(): Promise<number> {
  const { seed, jobs, minutes } = readFlags();
  say(`faults: seed ${seed}, ${jobs} jobs, ${minutes} minutes of faults`);
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const result = await runFaults({ seed, jobs, forMs: minutes * 60_000, say, stop: interrupt.signal });
  say(summary(result));
  if (result.violations.length === 0) {
    say('Every promise was kept.');
    return 0;
  }
  for (const violation of result.violations.slice(0, 50)) say(`✗ ${violation}`);
  say(
    `${result.violations.length} promises were not kept: --seed=${seed}. What is left is in ${result.folder}`,
  );
  return 1;
}

const code = await main().catch((error: Error) => {
  process.stderr.write(`faults: ${error.stack}\n${usage}\n`);
  return 1;
});
// What was interrupted may still have timers and calls of its own.
process.exit(code);

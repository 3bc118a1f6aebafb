import { parseArgs } from 'node:util';
import { runFaults } from './run-faults.ts';
import { summary } from './table.ts';

const usage = 'npm run faults -- [--seed=N] [--jobs=300] [--minutes=2]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Flags {
  readonly seed: number;
  readonly jobs: number;
  readonly minutes: number;
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      jobs: { type: 'string', default: '300' },
      minutes: { type: 'string', default: '2' },
    },
  });
  return {
    seed: readNumber('seed', values.seed, 0, 2 ** 31),
    jobs: readNumber('jobs', values.jobs, 1, 10_000),
    minutes: readNumber('minutes', values.minutes, 0, 60),
  };
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw new Error(`--${name}=${text}: give a number from ${least} to ${most}`);
}

async function main({ seed, jobs, minutes }: Flags): Promise<number> {
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

function readFlagsOrExplain(): Flags {
  try {
    return readFlags();
  } catch (error) {
    process.stderr.write(`faults: ${(error as Error).message}\n${usage}\n`);
    process.exit(2);
  }
}

const flags = readFlagsOrExplain();
const code = await main(flags).catch((error: Error) => {
  process.stderr.write(`faults: --seed=${flags.seed}: ${error.stack}\n`);
  return 1;
});
// What was interrupted may still have timers and calls of its own.
process.exit(code);

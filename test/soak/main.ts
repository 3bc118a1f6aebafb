// `npm run soak`: a server under simulated agents, clients and faults for half an hour. See docs/faults.md.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatProgress, formatReport } from './format-report.ts';
import { optionsOf } from './options.ts';
import { runSoak } from './run-soak.ts';

const fewestMinutes = 5;
const usage = 'npm run soak -- [--minutes=30] [--agents=200] [--seed=N] [--json=FILE]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readFlags() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      agents: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      json: { type: 'string' },
    },
  });
  return {
    minutes: readNumber('minutes', values.minutes, fewestMinutes, 600),
    agents: readNumber('agents', values.agents, 12, 2000),
    seed: readNumber('seed', values.seed, 0, 2 ** 31),
    json: values.json,
  };
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  const why = name === 'minutes' ? '; in less time each life of the server has too few samples' : '';
  throw new Error(`--${name}=${text}: give a number from ${least} to ${most}${why}`);
}

type Flags = ReturnType<typeof readFlags>;

function readFlagsOrExit(): Flags {
  try {
    return readFlags();
  } catch (error) {
    process.stderr.write(`soak: ${(error as Error).message}\n${usage}\n`);
    process.exit(2);
  }
}

async function main({ json, ...flags }: Flags): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const options = optionsOf(flags);
  say(
    `soak: seed ${flags.seed}, ${flags.minutes} minutes, ${flags.agents} agents, ${options.lives} lives of the server`,
  );
  const result = await runSoak(options, {
    onProgress: (seen) => say(formatProgress(seen)),
    stop: interrupt.signal,
  });
  say(formatReport(result));
  const { samples, verdicts, offences } = result;
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ options, verdicts, offences, samples }, null, 1)}\n`);
  if (!result.isWhole) return 130;
  return offences.length === 0 && verdicts.every(({ isFlat }) => isFlat) ? 0 : 1;
}

const flags = readFlagsOrExit();
const code = await main(flags).catch((error: Error) => {
  process.stderr.write(`soak: --seed=${flags.seed}: ${error.stack}\n`);
  return 1;
});
// After an interrupt there may still be timers and calls.
process.exit(code);

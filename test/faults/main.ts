import { parseArgs } from 'node:util';
import { countLate } from './check-journal.ts';
import { countFaults } from './plan.ts';
import { type FaultsResult, runFaults } from './run-faults.ts';

const usage = 'npm run faults -- [--seed=N] [--jobs=300] [--minutes=2] [--servers=1]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Flags {
  readonly seed: number;
  readonly jobs: number;
  readonly minutes: number;
  readonly servers: number;
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      jobs: { type: 'string', default: '300' },
      minutes: { type: 'string', default: '2' },
      servers: { type: 'string', default: '1' },
    },
  });
  return {
    seed: readNumber('seed', values.seed, 0, 2 ** 31),
    jobs: readNumber('jobs', values.jobs, 1, 10_000),
    minutes: readNumber('minutes', values.minutes, 0, 60),
    servers: readNumber('servers', values.servers, 1, 4),
  };
}

function readNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw new Error(`--${name}=${text}: give a number from ${least} to ${most}`);
}

async function main({ seed, jobs, minutes, servers }: Flags): Promise<number> {
  say(`faults: seed ${seed}, ${jobs} jobs, ${minutes} minutes of faults`);
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const result = await runFaults({
    seed,
    jobs,
    servers,
    forMs: minutes * 60_000,
    say,
    stop: interrupt.signal,
  });
  say(formatResult(result));
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

/** The figures of a run in two columns. */
function formatResult({ plan, evidence, tookMs }: FaultsResult): string {
  const { jobs, submits, cancels, attempts, devices } = evidence;
  const all = Object.values(attempts).flat();
  const sent = submits.flatMap(({ acks }) => acks).length;
  const rows: [string, string | number][] = [
    ['seed', plan.seed],
    ['duration', `${(tookMs / 1000).toFixed(0)} s`],
    ...countFaults(plan),
    ['runs acknowledged', submits.filter(({ acks }) => acks.length > 0).length],
    ['runs not acknowledged', submits.filter(({ acks }) => acks.length === 0).length],
    ['answers to submits', sent],
    ['jobs', jobs.length],
    ...countBy(jobs.map((job) => `jobs ${job.outcome ?? job.status}`)),
    ['cancels of a job', cancels.length],
    ['attempts', all.length],
    ...countBy(all.map(({ verdict, error_class }) => `attempts ${error_class ?? verdict}`)),
    ['started after a cancel', countLate(evidence)],
    ['devices benched', devices.filter((device) => device.status === 'benched').length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

const countBy = (words: readonly string[]): [string, number][] =>
  [...Map.groupBy(words, (word) => word)].map(([word, same]): [string, number] => [word, same.length]).sort();

function readFlagsOrExit(): Flags {
  try {
    return readFlags();
  } catch (error) {
    process.stderr.write(`faults: ${(error as Error).message}\n${usage}\n`);
    process.exit(2);
  }
}

const flags = readFlagsOrExit();
const code = await main(flags).catch((error: Error) => {
  process.stderr.write(`faults: --seed=${flags.seed}: ${error.stack}\n`);
  return 1;
});
// After an interrupt there may still be timers and calls.
process.exit(code);

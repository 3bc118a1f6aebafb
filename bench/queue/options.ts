import { parseArgs } from 'node:util';
import { fullSizes, quickSizes, type Sizes } from './sizes.ts';

/** The parts of the benchmark, by the letter for `--only`. */
export const parts = {
  a: 'submit, one job a call',
  b: 'bulk submit',
  c: 'lease and finish',
  d: 'pickup by an idle worker',
  e: 'choose and take by queued rows',
  f: 'long polls',
} as const;
export type Part = keyof typeof parts;

export interface Options {
  readonly sizes: Sizes;
  readonly parts: ReadonlySet<Part>;
  readonly withPeers: boolean;
  /** File for the report as JSON. */
  readonly json: string;
}

const usage = `npm run bench -- [--quick] [--rounds N] [--only a,c] [--without-peers] [--json FILE]
${Object.entries(parts)
  .map(([letter, what]) => `  ${letter}  ${what}`)
  .join('\n')}`;

/** Throws with the usage for unknown or wrong options. */
export function readOptions(args: readonly string[]): Options {
  const values = readFlags(args);
  const sizes = values.quick ? quickSizes : fullSizes;
  const rounds = Number(values.rounds ?? sizes.rounds);
  const only = values.only.split(',');
  if (!Number.isInteger(rounds) || rounds < 1 || !only.every(isPart)) throw new Error(usage);
  return {
    sizes: { ...sizes, rounds },
    parts: new Set(only),
    withPeers: !values['without-peers'],
    json: values.json,
  };
}

const isPart = (letter: string): letter is Part => Object.hasOwn(parts, letter);

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string', default: Object.keys(parts).join(',') },
        'without-peers': { type: 'boolean', default: false },
        json: { type: 'string', default: 'bench-report.json' },
      },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`);
  }
}

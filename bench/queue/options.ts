import { parseArgs } from 'node:util';
import { allSides } from './sides.ts';

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
  /** Names of the sides to measure; undefined: all. */
  readonly sides: ReadonlySet<string> | undefined;
  /** File for the report as JSON. */
  readonly json: string;
}

/** How much is measured. */
export interface Sizes {
  readonly rounds: number;
  /** Time for submits of one job each, ms; at most `submits` of them. */
  readonly submitMs: number;
  readonly submits: number;
  readonly inFlight: number;
  /** Jobs in one bulk submit, and how many such submits; the jobs are then drained. */
  readonly bulk: number;
  readonly bulks: number;
  /** Time for pickups, ms; at most `pickups` of them. */
  readonly pickupMs: number;
  readonly pickups: number;
  /** Numbers of queued rows at which leases are taken, and how many leases per round. */
  readonly depths: readonly number[];
  readonly takes: number;
  /** Seed of the queued rows. */
  readonly seed: number;
  /** Long polls of one server, and the submits and pickups measured beside them. */
  readonly polls: number;
  readonly pollSubmits: number;
  readonly pollPickups: number;
}

const fullSizes: Sizes = {
  rounds: 3,
  submitMs: 3000,
  submits: 20_000,
  inFlight: 64,
  bulk: 5000,
  bulks: 4,
  pickupMs: 15_000,
  pickups: 400,
  depths: [10_000, 100_000, 1_000_000],
  takes: 400,
  seed: 4,
  polls: 10_000,
  pollSubmits: 10_000,
  pollPickups: 200,
};

/** For a check that everything runs; the figures mean little. */
export const quickSizes: Sizes = {
  ...fullSizes,
  rounds: 1,
  submitMs: 500,
  submits: 2000,
  bulk: 1000,
  bulks: 2,
  pickupMs: 1000,
  pickups: 50,
  depths: [1000, 4000, 16_000],
  takes: 50,
  polls: 500,
  pollSubmits: 1000,
  pollPickups: 50,
};

const usage = `npm run bench -- [--quick] [--rounds N] [--only a,c] [--sides NAME,NAME] [--without-peers] [--json FILE]
${Object.entries(parts)
  .map(([letter, what]) => `  ${letter}  ${what}`)
  .join('\n')}
sides: ${allSides.map(({ name }) => name).join(', ')}`;

/** Throws with the usage for unknown or wrong options. */
export function readOptions(args: readonly string[]): Options {
  const values = readFlags(args);
  const sizes = values.quick ? quickSizes : fullSizes;
  const rounds = Number(values.rounds ?? sizes.rounds);
  const only = values.only.split(',');
  const sides = values.sides?.split(',').map((name) => name.trim());
  const areKnown = only.every(isPart) && (sides ?? []).every(isSide);
  if (!Number.isInteger(rounds) || rounds < 1 || !areKnown) throw new Error(usage);
  return {
    sizes: { ...sizes, rounds },
    parts: new Set(only),
    withPeers: !values['without-peers'],
    sides: sides && new Set(sides),
    json: values.json,
  };
}

const isSide = (name: string): boolean => allSides.some((side) => side.name === name);
const isPart = (letter: string): letter is Part => Object.hasOwn(parts, letter);

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string', default: Object.keys(parts).join(',') },
        sides: { type: 'string' },
        'without-peers': { type: 'boolean', default: false },
        json: { type: 'string', default: 'bench-report.json' },
      },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`);
  }
}

export interface SoakOptions {
  readonly seed: number;
  readonly agents: number;
  /** For how long runs are submitted, s; or how many jobs are, at their pace, however long that takes. */
  readonly seconds: number;
  readonly jobs?: number;
  /** How many lives the server has: between two of them it is killed or restarted, and a day passes. */
  readonly lives: number;
  readonly jobsPerSecond: number;
  /** How long a test takes on average, ms. */
  readonly testMs: number;
  /** How often the server is looked at, s. */
  readonly sampleSeconds: number;
  readonly leaseTtlMs: number;
  /** The longest that an agent is away, or its test hangs, ms. */
  readonly awayMs: number;
  /** How long a call may take beside the time for which the server may hold it, ms. */
  readonly answerMs: number;
  /** How many attempts of a hundred end without a verdict: the agent vanishes, the test hangs, the device is at fault. */
  readonly troubles: number;
  /** A soak that is too short for its figures is judged by its audit alone. */
  readonly judges: 'figures and audit' | 'audit';
  /** A module that is loaded into the server before its program, as a leak is. */
  readonly preload?: string;
}

const shortLifeSecondsAtMost = 120;
/** Three short lives after the first one, in which nothing is old enough to be deleted. */
const fewestLives = 6;
/** The sums that the server keeps by hour, which are compared with what clients were told, are there for eight days. */
const mostLives = 7;
/** Each of the last two lives has so much of a soak. What the first one of them made, the other one deletes at that pace. */
const longShare = 1 / 3;
const longLives = 2;

/** A soak of so many minutes. */
export function optionsOf({
  seed,
  agents,
  minutes,
}: {
  readonly seed: number;
  readonly agents: number;
  readonly minutes: number;
}): SoakOptions {
  const seconds = minutes * 60;
  const forShort = seconds * (1 - longLives * longShare);
  const lives = Math.min(
    mostLives,
    Math.max(fewestLives, longLives + Math.ceil(forShort / shortLifeSecondsAtMost)),
  );
  return {
    ...{ seed, agents, seconds, lives, judges: 'figures and audit' },
    // A sixth of the devices is busy, so that the queue stays short whatever fails.
    ...{ jobsPerSecond: agents / 25, testMs: 3000 },
    // At least ten in each life.
    sampleSeconds: Math.min(5, Math.max(1, Math.floor(forShort / (lives - longLives) / 10))),
    ...{ leaseTtlMs: 15_000, awayMs: 90_000, answerMs: 30_000, troubles: 2 },
  };
}

/** The orgs; those with agents of their own come first, and the last one has shared ones alone. */
export const orgs = ['acme', 'globex', 'initech', 'umbrella'] as const;
export const targets = ['emulator', 'device/pixel-8', 'browser'] as const;
/** Few, so that what is kept for each app version and test file is as much in each life. */
export const versions = ['v1', 'v2', 'v3'] as const;
export const testFiles = Array.from({ length: 150 }, (_, n) => `tests/part-${n % 10}/case-${n}.spec.ts`);

/** Whether a life is one of the two long ones at the end. A soak of a number of jobs has none. */
export const isLong = ({ lives, jobs }: SoakOptions, life: number): boolean =>
  jobs === undefined && life >= lives - longLives;

/** From which to which part of the soak a life lasts, the first one being 0. */
export function partOf(options: SoakOptions, life: number): readonly [from: number, to: number] {
  const { lives, jobs } = options;
  if (jobs !== undefined) return [life / lives, (life + 1) / lives];
  const short = (1 - longLives * longShare) / (lives - longLives);
  const begin = (n: number): number =>
    Math.min(n, lives - longLives) * short + Math.max(0, n - (lives - longLives)) * longShare;
  return [begin(life), begin(life + 1)];
}

/**
 * What one has in a soak of a number of jobs, whose lives have no length that is known before; s. So long also a client on a host
 * that is busy with others needs at most to see what ended: nothing is deleted in such a soak.
 */
const unknownSeconds = 300;
/** A client needs longer than a very short life to see what ended, s. */
const leastMarginSeconds = 120;

/** How long a life is, s. */
export function lifeSeconds(options: SoakOptions, life: number): number {
  const [from, to] = partOf(options, life);
  return options.jobs === undefined ? options.seconds * (to - from) : unknownSeconds;
}

/** How long the last life is, s; 0 where nobody knows. */
export const lastLifeSeconds = (options: SoakOptions): number =>
  options.jobs === undefined ? lifeSeconds(options, options.lives - 1) : 0;

const daySeconds = 86_400;

/**
 * What the clock is put on until a life begins, ms: for each life before it a day, the shortest retention, but for the length of
 * that life (or two minutes). So what was done in it becomes old enough to be deleted at the pace at which it was done, and clients
 * have that long to see what ended: with a run that is deleted, the key of its submit is free again.
 */
export const shiftMs = (options: SoakOptions, life: number): number =>
  Array.from({ length: life }, (_, n) => Math.max(leastMarginSeconds, lifeSeconds(options, n)))
    .map((seconds) => 1000 * (daySeconds - seconds))
    .reduce((sum, ms) => sum + ms, 0);

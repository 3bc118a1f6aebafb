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
  /** A module that is loaded into the server before its program, as a leak is. */
  readonly preload?: string;
}

const lifeSecondsAtMost = 300;
const fewestLives = 5;
/** The sums that the server keeps by hour, which are compared with what clients were told, are there for eight days. */
const mostLives = 7;

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
  return {
    ...{ seed, agents, seconds },
    lives: Math.min(mostLives, Math.max(fewestLives, 1 + Math.ceil(seconds / lifeSecondsAtMost))),
    // A sixth of the devices is busy, so that the queue stays short whatever fails.
    ...{ jobsPerSecond: agents / 25, testMs: 3000 },
    ...{ sampleSeconds: 5, leaseTtlMs: 15_000, awayMs: 90_000, answerMs: 30_000, troubles: 2 },
  };
}

/** The orgs; those with agents of their own come first, and the last one has shared ones alone. */
export const orgs = ['acme', 'globex', 'initech', 'umbrella'] as const;
export const targets = ['emulator', 'device/pixel-8', 'browser'] as const;
/** Few, so that what is kept for each app version and test file is as much in each life. */
export const versions = ['v1', 'v2', 'v3'] as const;
export const testFiles = Array.from({ length: 150 }, (_, n) => `tests/part-${n % 10}/case-${n}.spec.ts`);

/** The last life is as long as all before it together: what grows slowly shows in it. What is deleted, shows from life to life. */
const lastShare = 0.5;

/** From which to which part of the soak a life lasts, the first one being 0. */
export function partOf({ lives }: SoakOptions, life: number): readonly [from: number, to: number] {
  const each = (1 - lastShare) / (lives - 1);
  return life === lives - 1 ? [1 - lastShare, 1] : [life * each, (life + 1) * each];
}

/** How long each life but the last one is, and how long the last one is, s. */
export const shortLifeSeconds = ({ seconds, lives }: SoakOptions): number =>
  (seconds * (1 - lastShare)) / (lives - 1);
export const lastLifeSeconds = ({ seconds }: SoakOptions): number => seconds * lastShare;

const daySeconds = 86_400;

/**
 * For how long clients still find what ended right before a night, s: what was not answered by then is gone, and with it the
 * key of a submit. So a night waits for clients whose submit was not answered yet.
 */
export const graceSeconds = (options: SoakOptions): number =>
  options.jobs === undefined ? Math.min(60, shortLifeSeconds(options) / 2) : 60;

/** What the clock is put on between two lives, ms: a day, the shortest retention, but for that time. */
export const nightMs = (options: SoakOptions): number => 1000 * (daySeconds - graceSeconds(options));

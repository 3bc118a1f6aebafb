import { setTimeout as sleep } from 'node:timers/promises';
import { audit } from './audit.ts';
import { demandSuccess } from './demand-work.ts';
import { disturbLinks } from './disturb-links.ts';
import { type ApiEnd, comeToRest, readApiEnd, readHandles } from './end-soak.ts';
import type { Ledger } from './ledger.ts';
import { type Lives, playLives } from './lives.ts';
import type { SoakOptions } from './options.ts';
import { beRough } from './rough-clients.ts';
import type { Sample } from './sample.ts';
import { takeSamples } from './sampler.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import { openLab, openSoak, type Soak } from './soak-lab.ts';
import { submitLoad } from './submit-load.ts';
import { judge, type Verdict } from './verdict.ts';

export interface SoakRules {
  /** Called now and then with what was seen so far. */
  readonly onProgress?: (seen: Seen) => void;
  /** Between two of these calls, ms. Default: 30 000. */
  readonly everyMs?: number;
  /** Ends the soak; what was seen so far is the result. */
  readonly stop?: AbortSignal;
}

export interface Seen {
  readonly seconds: number;
  readonly samples: readonly Sample[];
  readonly ledger: Ledger;
}

export interface SoakResult extends Seen {
  readonly options: SoakOptions;
  readonly verdicts: readonly Verdict[];
  /** What does not add up, or was left. */
  readonly offences: readonly string[];
  readonly isWhole: boolean;
  /** Kept where something was wrong. */
  readonly folder: string;
}

const roughClients = 3;
const progressMs = 30_000;
const endMs = 30_000;

/** Runs a soak. Throws where it could not be done. */
export async function runSoak(
  options: SoakOptions,
  { onProgress, everyMs = progressMs, stop = new AbortController().signal }: SoakRules = {},
): Promise<SoakResult> {
  const env: Record<string, string> = {};
  const lab = await openLab(options, env);
  const over = new AbortController();
  let isGood = false;
  try {
    const soak = await openSoak(options, lab, over.signal);
    const samples: Sample[] = [];
    const seen = (): Seen => ({
      seconds: (performance.now() - soak.began) / 1000,
      samples,
      ledger: soak.ledger,
    });
    const progress = setInterval(() => onProgress?.(seen()), everyMs);
    const offences = await play(soak, { env, samples, over, stop }).finally(() => clearInterval(progress));
    const verdicts = options.judges === 'audit' ? [] : judge(samples, options);
    // What an interrupt cut short is not kept for what was not measured yet.
    isGood = offences.length === 0 && (stop.aborted || verdicts.every((one) => one.isFlat));
    return { ...seen(), options, verdicts, offences, isWhole: !stop.aborted, folder: lab.folder };
  } finally {
    over.abort();
    await lab.close({ keep: !isGood });
  }
}

interface Stage {
  readonly env: Record<string, string>;
  readonly samples: Sample[];
  readonly over: AbortController;
  readonly stop: AbortSignal;
}

/** Plays all parts, and answers what is wrong at the end. */
async function play(soak: Soak, { env, samples, over, stop }: Stage): Promise<string[]> {
  const { ledger, lab } = soak;
  const lives: Lives = { now: 0, killedAt: 0 };
  const handles = await readRest(soak);
  const loaded = new AbortController();
  const broken = new AbortController();
  const halt = AbortSignal.any([stop, broken.signal]);
  const onBroken = (error: Error): void => {
    // After the soak its server is ended in any case.
    if (over.signal.aborted) return;
    ledger.problem(error.message);
    broken.abort();
  };
  const others = surround(soak, { lives, samples, halt: AbortSignal.any([halt, loaded.signal]) });
  try {
    const load = Promise.all([
      submitLoad(soak, halt),
      playLives(soak, env, lives, { stop: halt, onBroken }),
    ]).catch(onBroken);
    await Promise.race([load, whenAborted(halt)]);
  } finally {
    loaded.abort();
    over.abort();
    await others;
    for (const link of soak.links) await link.close();
  }
  if (halt.aborted) return [...ledger.problems];
  const leftovers = await comeToRest(soak, handles);
  const api: ApiEnd = await readApiEnd(soak);
  lives.told = lab.server;
  lab.server.signal('SIGTERM');
  const end = await Promise.race([lab.server.ended, sleep(endMs, 'nothing')]);
  const late = end === 0 ? [] : [`the server got SIGTERM and ended with ${end}`];
  return [...ledger.problems, ...leftovers, ...late, ...demandSuccess(soak), ...audit(soak, lives, api)];
}

interface Around {
  readonly lives: Lives;
  readonly samples: Sample[];
  readonly halt: AbortSignal;
}

/** All that goes on around the load, until `halt` and the end of the soak. */
const surround = (soak: Soak, { lives, samples, halt }: Around): Promise<unknown> =>
  Promise.all([
    takeSamples(soak, lives, samples, halt),
    disturbLinks(soak, halt),
    ...Array.from({ length: soak.options.agents }, (_, n) => new SimulatedAgent(soak, n).run()),
    ...Array.from({ length: roughClients }, (_, n) => beRough(soak, n)),
  ]);

const restMs = 1000;

/** The handles of a server that has just started, and that nobody calls. */
async function readRest(soak: Soak): Promise<number> {
  await sleep(restMs);
  return readHandles(soak);
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

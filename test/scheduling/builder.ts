import type { Random } from '../support/random.ts';
import type { Device, FarmJob, FarmRun, Workload } from './model.ts';

interface RunPlan {
  readonly org: string;
  readonly app: string;
  readonly target: string;
  readonly priority: number;
  /** Seconds. */
  readonly arrival: number;
  /** How many. */
  readonly jobs: number;
}

/** Puts a workload together. Tests take 5 to 90 s, mostly little; installs 12 to 55 s; predictions are some 30 % off. */
export class WorkloadBuilder {
  readonly #random: Random;
  readonly #devices: Device[];
  readonly #runs: FarmRun[] = [];
  readonly #seconds = new Map<string, number>();
  readonly #setups = new Map<string, number>();
  /** Of tests and of one install for each group, s. */
  work = 0;

  constructor(pools: Readonly<Record<string, number>>, random: Random) {
    this.#random = random;
    this.#devices = Object.entries(pools).flatMap(([target, count]) =>
      Array.from({ length: count }, (_, n) => ({ id: `${target}-${n}`, target })),
    );
  }

  add({ org, app, target, priority, arrival, jobs }: RunPlan): void {
    const run = `run${this.#runs.length}`;
    const setup = this.#setupOf(`${org} ${app} ${target}`);
    const made = Array.from({ length: jobs }, (_, n): FarmJob => {
      const seconds = this.#between(5, 90);
      this.work += seconds;
      this.#seconds.set(`${run}-${n}`, seconds);
      const est = seconds * this.#between(0.6, 1.6);
      return { id: `${run}-${n}`, run, org, app, target, priority, arrival, est, setup };
    });
    this.#runs.push({ id: run, org, arrival, jobs: made });
  }

  build(): Workload {
    const runs = this.#runs.toSorted((a, b) => a.arrival - b.arrival);
    return { devices: this.#devices, runs, seconds: this.#seconds };
  }

  #setupOf(group: string): number {
    const known = this.#setups.get(group);
    if (known !== undefined) return known;
    const setup = this.#between(12, 55);
    this.#setups.set(group, setup);
    this.work += setup;
    return setup;
  }

  /** Small values more often than large ones: any doubling is as likely as the next. */
  #between(low: number, high: number): number {
    return low * (high / low) ** this.#random.next();
  }
}

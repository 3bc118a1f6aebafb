import { Random } from '../support/random.ts';
import type { Device, FarmJob, FarmRun, Workload } from './model.ts';

/** Few apps in a few versions, in bursts of overlapping runs. */
export function demo(seed: number): Workload {
  const random = new Random(seed);
  const builder = new WorkloadBuilder({ emulator: 3, device: 2, browserstack: 1 }, random);
  for (let burst = 0; burst < 8; burst += 1) {
    for (let n = 0; n < 4; n += 1) {
      const app = random.between(0, 3);
      builder.add({
        org: `org${app % 3}`,
        app: `app${app}-v${burst >> 2}`,
        target: random.pick(['emulator', 'emulator', 'emulator', 'device', 'device', 'browserstack']),
        priority: random.pick([1, 5, 5, 9]),
        arrival: burst * 150 + random.between(0, 30),
        jobs: random.between(2, 8),
      });
    }
  }
  return builder.build();
}

/** One app version with many tests on an idle pool; meanwhile `others` small runs of other orgs arrive. */
export function rush(seed: number, others: number): Workload {
  const random = new Random(seed);
  const builder = new WorkloadBuilder({ device: 16 }, random);
  builder.add({ org: 'main', app: 'release', target: 'device', priority: 8, arrival: 0, jobs: 400 });
  for (let n = 0; n < others; n += 1) {
    builder.add({
      org: `org${n % 7}`,
      app: `pr${n}`,
      target: 'device',
      priority: 5,
      arrival: random.between(30, 500),
      jobs: random.between(3, 12),
    });
  }
  return builder.build();
}

/** Urgent runs arrive faster than the pool can finish them, with one run of low priority among them. */
export function starvation(seed: number): Workload {
  const random = new Random(seed);
  const builder = new WorkloadBuilder({ device: 4 }, random);
  const horizon = 2700;
  builder.add({ org: 'poor', app: 'old', target: 'device', priority: 1, arrival: 60, jobs: 1 });
  for (let n = 0; builder.work < 1.15 * 4 * horizon; n += 1) {
    builder.add({
      org: `org${n % 3}`,
      app: `hot${n}`,
      target: 'device',
      priority: 9,
      // The first runs arrive at 0 and keep the pool busy before the low-priority run arrives.
      arrival: n < 8 ? 0 : random.next() * horizon,
      jobs: random.between(3, 8),
    });
  }
  return builder.build();
}

/** One org submits many runs at once; the others submit now and then. */
export function flood(seed: number): Workload {
  const random = new Random(seed);
  const builder = new WorkloadBuilder({ device: 8 }, random);
  const run = { target: 'device', priority: 5 };
  for (let n = 0; n < 45; n += 1) {
    const arrival = random.next() * 60;
    builder.add({ ...run, org: 'noisy', app: `flood${n}`, arrival, jobs: random.between(1, 13) });
  }
  for (let n = 0; n < 12; n += 1) {
    const arrival = 60 + random.next() * 1500;
    builder.add({ ...run, org: `org${n % 10}`, app: `pr${n}`, arrival, jobs: random.between(5, 20) });
  }
  return builder.build();
}

interface RunPlan {
  readonly org: string;
  readonly app: string;
  readonly target: string;
  readonly priority: number;
  /** Seconds. */
  readonly arrival: number;
  /** Number of jobs. */
  readonly jobs: number;
}

/** Builds a workload. Tests take 5 to 90 s, mostly short; installs 12 to 55 s; predictions are about 30 % wrong. */
class WorkloadBuilder {
  readonly #random: Random;
  readonly #devices: Device[];
  readonly #runs: FarmRun[] = [];
  readonly #seconds = new Map<string, number>();
  readonly #setups = new Map<string, number>();
  /** Sum of all tests and of one install for each group, s. */
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

  /** Log-uniform: small values are more frequent than large ones. */
  #between(low: number, high: number): number {
    return low * (high / low) ** this.#random.next();
  }
}

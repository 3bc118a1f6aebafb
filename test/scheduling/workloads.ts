import { Random } from '../support/random.ts';
import { WorkloadBuilder } from './builder.ts';
import type { Workload } from './model.ts';

/** Few apps in a few versions, in bursts whose runs cross each other. */
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

/** One app version with many tests on a pool that is idle; `others` small runs of other orgs while it is worked off. */
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

/** Urgent runs come faster than the pool can work them off, and one run of little urgency stands among them. */
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
      // What came before the starved one keeps the pool busy from the beginning.
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

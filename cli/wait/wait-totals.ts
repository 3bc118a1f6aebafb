import type { Job } from '../../protocol/shapes/job.ts';
import type { Counts } from '../../protocol/shapes/run.ts';

const none: Counts = {
  ...{ waiting: 0, queued: 0, scheduled: 0, running: 0 },
  ...{ passed: 0, failed: 0, errored: 0, cancelled: 0, flaky: 0 },
};

/** A single job as counts, so that jobs and runs can be added up. */
export const countsOfJob = (job: Job): Counts => ({
  ...none,
  [job.status]: 1,
  ...(job.outcome === 'flaky' && { flaky: 1 }),
});

/** The sum of all runs and jobs that one command waits for. */
export class WaitTotals {
  readonly #counts = new Map<string, Counts>();

  /** Returns whether anything has changed. */
  set(id: string, counts: Counts): boolean {
    const before = this.#counts.get(id);
    this.#counts.set(id, counts);
    return JSON.stringify(before) !== JSON.stringify(counts);
  }

  get total(): Counts {
    const sum = { ...none };
    for (const counts of this.#counts.values()) {
      for (const [name, count] of Object.entries(counts)) sum[name as keyof Counts] += count;
    }
    return sum;
  }

  /** True while no job has got a device. */
  get isUntouched(): boolean {
    const { queued, waiting, ...begun } = this.total;
    return queued + waiting > 0 && Object.values(begun).every((count) => count === 0);
  }
}

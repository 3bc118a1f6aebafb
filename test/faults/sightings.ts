import type { Job } from '../../protocol/shapes/job.ts';

/** A job as an answer showed it. */
export interface Observation {
  /** When the answer was here, epoch ms. */
  readonly at: number;
  readonly job: Job;
}

/** What was seen of jobs along the way, each state of a job once. */
export class Observations {
  readonly #seen = new Map<string, Map<string, Observation>>();

  add(jobs: readonly Job[]): void {
    const at = Date.now();
    for (const job of jobs) {
      // Lists leave these two out.
      const shown = { ...job, tests: null, report: null, provider: null };
      const states = this.#seen.get(job.job_id) ?? new Map<string, Observation>();
      this.#seen.set(job.job_id, states);
      const state = JSON.stringify(shown);
      if (!states.has(state)) states.set(state, { at, job: shown });
    }
  }

  /** By job, in the order in which they were seen. */
  all(): Record<string, Observation[]> {
    return Object.fromEntries([...this.#seen].map(([id, states]) => [id, [...states.values()]]));
  }
}
